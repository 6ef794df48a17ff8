#include "adapters/identity_cognito/cognito_identity.h"

#include <algorithm>

#include "adapters/identity_cognito/cognito_home.h"
#include "domain/base/text.h"

namespace souk::contract {

namespace {

class CognitoIdentityTest : public testing::Test {
protected:
    CognitoIdentity& identity() { return home_.identity(); }
    Account confirmed(std::string_view email = ann) {
        const SignUp made = must(identity().sign_up(store_, email, secret, "Ann"));
        return must(identity().confirm_sign_up(store_, email, made.code.code));
    }
    Tokens signed_in() { return must(identity().sign_in(store_, ann, secret, "")); }
    std::string_view sign_in(std::string_view password) {
        return outcome(identity().sign_in(store_, ann, password, ""));
    }
    std::string_view reset(const IssuedCode& code, std::string_view password) {
        return outcome(identity().confirm_forgot_password(store_, ann, code.code, password));
    }
    /// Whether any row holds the text, in a key or in a body.
    [[nodiscard]] bool stored(const std::string& text) const {
        return std::ranges::any_of(home_.ledger.rows(), [&](const Row& row) {
            return cat(row.key.partition, ' ', row.key.sort, ' ', row.body).find(text) !=
                   std::string::npos;
        });
    }
    std::vector<std::string> actions_of(const std::function<void()>& act) {
        home_.pool.actions();
        act();
        return home_.pool.actions();
    }

    static constexpr std::string_view ann = "ann@example.com";
    static constexpr std::string_view nobody = "nobody@example.com";
    static constexpr std::string_view secret = "correct horse battery";
    static constexpr std::string_view other_secret = "staple of another kind";
    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
    CognitoHome home_;
};

}  // namespace

TEST_F(CognitoIdentityTest, StoresNothingThatOpensADoor) {
    const SignUp made = must(identity().sign_up(store_, ann, secret, "Ann"));
    EXPECT_FALSE(stored(made.code.code));
    must(identity().confirm_sign_up(store_, ann, made.code.code));
    const Tokens tokens = signed_in();
    EXPECT_FALSE(stored(std::string(secret)));
    EXPECT_FALSE(stored(tokens.access_token));
    EXPECT_FALSE(stored(tokens.refresh_token));
    EXPECT_FALSE(stored("pool-refresh-token"));
    EXPECT_FALSE(stored(to_base64("pool-refresh-token-1")));
    EXPECT_TRUE(stored(std::string(ann)));
}

TEST_F(CognitoIdentityTest, TellsClientsNothingOfThePoolsRefreshToken) {
    confirmed();
    EXPECT_EQ(signed_in().refresh_token.find("pool-refresh-token"), std::string::npos);
}

TEST_F(CognitoIdentityTest, EveryRowStandsBehindTheWallOfItsRealm) {
    confirmed();
    signed_in();
    EXPECT_EQ(sign_in("wrong password"), "invalid_credentials");
    must(identity().create_platform_admin(ann, secret, "Ann"));
    must(identity().sign_in({}, ann, secret, ""));
    for (const Row& row : home_.ledger.rows()) {
        EXPECT_EQ(row.key.table, "identity");
        EXPECT_TRUE(row.key.partition.starts_with(store_.store->text() + "#") ||
                    row.key.partition.starts_with("platform#"))
            << row.key.partition;
    }
}

TEST_F(CognitoIdentityTest, NoUserNameInThePoolTellsAnEmailAddress) {
    confirmed();
    confirmed("bob@example.com");
    const auto names = home_.pool.names();
    EXPECT_EQ(names.size(), 2U);
    for (const std::string& name : names) {
        EXPECT_EQ(name.find("ann"), std::string::npos);
        EXPECT_EQ(name.find('@'), std::string::npos);
    }
}

TEST_F(CognitoIdentityTest, KnownAndUnknownEmailsCostTheSameCalls) {
    confirmed();
    using Actions = std::vector<std::string>;
    for (const std::string_view email : {ann, nobody}) {
        EXPECT_EQ(actions_of([&] { must(identity().sign_up(store_, email, other_secret, "Ann")); }),
                  (Actions{"AdminCreateUser", "AdminSetUserPassword"}))
            << email;
        EXPECT_EQ(actions_of([&] {
                      EXPECT_FALSE(identity().sign_in(store_, email, "wrong password", ""));
                  }),
                  Actions{"AdminInitiateAuth"})
            << email;
        EXPECT_EQ(actions_of([&] {
                      EXPECT_FALSE(identity().confirm_forgot_password(store_, email, "000000",
                                                                      other_secret));
                  }),
                  Actions{})
            << email;
    }
}

TEST_F(CognitoIdentityTest, AnUnknownEmailIsAlwaysAskedForUnderTheSameName) {
    for (int i = 0; i < 2; ++i) {
        EXPECT_FALSE(identity().sign_in(store_, nobody, secret, ""));
    }
    const auto calls = home_.pool.calls();
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].body, calls[1].body);
}

TEST_F(CognitoIdentityTest, ALockedOutAccountLooksLikeAWrongPassword) {
    confirmed();
    home_.pool.refuse_next("AdminInitiateAuth", "NotAuthorizedException",
                           "Password attempts exceeded");
    EXPECT_EQ(sign_in(secret), "invalid_credentials");
}

TEST_F(CognitoIdentityTest, ProcessesCountFailedTriesTogether) {
    confirmed();
    const auto other = home_.another();
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        Identity& one = i % 2 == 0 ? static_cast<Identity&>(identity()) : *other;
        EXPECT_EQ(outcome(one.sign_in(store_, ann, "wrong password", "")), "invalid_credentials");
    }
    EXPECT_EQ(outcome(other->sign_in(store_, ann, secret, "")), "rate_limited");
    EXPECT_EQ(sign_in(secret), "rate_limited");
}

TEST_F(CognitoIdentityTest, AnUnavailablePoolIsSaidSoAndCountsAsNoFailedTry) {
    confirmed();
    home_.pool.cut(aws::errors::aws_not_sent);
    for (int i = 0; i < 2 * sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(sign_in(secret), "identity_unavailable");
    }
    home_.pool.mend();
    EXPECT_EQ(sign_in(secret), "ok");
}

TEST_F(CognitoIdentityTest, AnUnavailablePoolUsesUpNoRefreshToken) {
    confirmed();
    const Tokens tokens = signed_in();
    home_.pool.cut(aws::errors::aws_no_answer);
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "identity_unavailable");
    home_.advance(std::chrono::minutes(5));
    home_.pool.mend();
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "ok");
}

TEST_F(CognitoIdentityTest, AFailedSignUpKeepsNothing) {
    home_.pool.refuse_next("AdminSetUserPassword", "InternalErrorException");
    EXPECT_EQ(outcome(identity().sign_up(store_, ann, secret, "Ann")), "identity_unavailable");
    EXPECT_TRUE(home_.ledger.rows().empty());
    EXPECT_TRUE(home_.pool.names().empty());
    home_.ledger.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(outcome(identity().sign_up(store_, ann, secret, "Ann")), "ledger_unavailable");
    EXPECT_TRUE(home_.ledger.rows().empty());
    EXPECT_TRUE(home_.pool.names().empty());
}

TEST_F(CognitoIdentityTest, APasswordThatThePoolFindsWeakIsWeak) {
    home_.pool.set_password_length_min(30);
    EXPECT_EQ(outcome(identity().sign_up(store_, ann, secret, "Ann")), "weak_password");
    EXPECT_TRUE(home_.ledger.rows().empty());
    EXPECT_TRUE(home_.pool.names().empty());
}

TEST_F(CognitoIdentityTest, EveryAccountHasOneUserInThePool) {
    must(identity().sign_up(store_, ann, other_secret, "Ann"));
    confirmed();
    must(identity().sign_up(store_, ann, other_secret, "Mallory"));
    EXPECT_EQ(home_.pool.names().size(), 1U);
    EXPECT_EQ(sign_in(secret), "ok");
}

// The stranger's sign-up runs while the owner's has its user in the pool but is not yet written.
TEST_F(CognitoIdentityTest, OfTwoSignUpsAtOnceCodeAndPasswordStayTogether) {
    std::optional<SignUp> strangers;
    home_.pool.before_next("AdminSetUserPassword", [&] {
        strangers = must(identity().sign_up(store_, ann, other_secret, "Mallory"));
    });
    const SignUp owners = must(identity().sign_up(store_, ann, secret, "Ann"));
    ASSERT_TRUE(strangers);
    EXPECT_EQ(owners.code.user, strangers->code.user);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_, ann, strangers->code.code)),
              "invalid_code");
    must(identity().confirm_sign_up(store_, ann, owners.code.code));
    EXPECT_EQ(sign_in(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in(secret), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, ASignUpThatAConfirmationOvertakesChangesNothing) {
    const SignUp first = must(identity().sign_up(store_, ann, secret, "Ann"));
    home_.pool.before_next("AdminSetUserPassword",
                           [&] { must(identity().confirm_sign_up(store_, ann, first.code.code)); });
    const SignUp second = must(identity().sign_up(store_, ann, other_secret, "Mallory"));
    EXPECT_TRUE(second.known);
    EXPECT_EQ(second.code.code, "");
    EXPECT_EQ(sign_in(secret), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, ASignInWithTheOldPasswordOutlivesNoNewOne) {
    const Account account = confirmed();
    // The account has been read; then its password is changed; then the session is to be written.
    home_.pool.before_next("AdminInitiateAuth", [&] {
        must(identity().change_password(store_, account.user, secret, other_secret));
    });
    EXPECT_EQ(sign_in(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in(other_secret), "ok");
    // The change has ended the sessions but not yet set the password; the session ends with it.
    std::optional<Tokens> between;
    home_.pool.before_next("AdminSetUserPassword", [&] {
        between = must(identity().sign_in(store_, ann, other_secret, ""));
    });
    must(identity().change_password(store_, account.user, other_secret, secret));
    ASSERT_TRUE(between);
    EXPECT_EQ(outcome(identity().refresh(store_, between->refresh_token)), "invalid_token");
}

TEST_F(CognitoIdentityTest, AResetThatThePoolDoesNotTakeLeavesCodeAndSessions) {
    confirmed();
    const Tokens tokens = signed_in();
    const auto code = must(identity().forgot_password(store_, ann));
    home_.pool.cut(aws::errors::aws_not_sent);
    EXPECT_EQ(reset(*code, other_secret), "identity_unavailable");
    home_.pool.mend();
    home_.pool.refuse_next("AdminSetUserPassword", "TooManyRequestsException");
    EXPECT_EQ(reset(*code, other_secret), "identity_unavailable");
    EXPECT_EQ(sign_in(secret), "ok");
    const Tokens next = must(identity().refresh(store_, tokens.refresh_token));
    EXPECT_EQ(reset(*code, other_secret), "ok");
    EXPECT_EQ(sign_in(secret), "invalid_credentials");
    EXPECT_EQ(sign_in(other_secret), "ok");
    EXPECT_EQ(outcome(identity().refresh(store_, next.refresh_token)), "invalid_token");
    EXPECT_EQ(reset(*code, secret), "invalid_code");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, AResetThatCannotBeWrittenLeavesCodeAndPassword) {
    confirmed();
    const auto code = must(identity().forgot_password(store_, ann));
    home_.ledger.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(reset(*code, other_secret), "ledger_unavailable");
    EXPECT_EQ(sign_in(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in(secret), "ok");
    EXPECT_EQ(reset(*code, other_secret), "ok");
    EXPECT_EQ(sign_in(other_secret), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, AResetThatThePoolFindsWeakLeavesTheCode) {
    confirmed();
    const auto code = must(identity().forgot_password(store_, ann));
    home_.pool.set_password_length_min(other_secret.size());
    EXPECT_EQ(reset(*code, secret), "weak_password");
    EXPECT_EQ(reset(*code, other_secret), "ok");
}

// The second reset runs while the first has asked the pool and not yet used the code up.
TEST_F(CognitoIdentityTest, OfTwoResetsByOneCodeOnlyTheOneThatSucceededCounts) {
    confirmed();
    const auto code = must(identity().forgot_password(store_, ann));
    home_.pool.before_next("AdminSetUserPassword",
                           [&] { EXPECT_EQ(reset(*code, "a third password"), "ok"); });
    EXPECT_EQ(reset(*code, other_secret), "invalid_code");
    EXPECT_EQ(sign_in(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in("a third password"), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

// The sign-up of an unconfirmed account replaces its password while the reset asks the pool.
TEST_F(CognitoIdentityTest, AResetThatASignUpOvertakesLeavesTheCode) {
    must(identity().sign_up(store_, ann, secret, "Ann"));
    const auto code = must(identity().forgot_password(store_, ann));
    home_.pool.before_next("AdminSetUserPassword",
                           [&] { must(identity().sign_up(store_, ann, secret, "Ann")); });
    EXPECT_EQ(reset(*code, other_secret), "contention");
    EXPECT_EQ(sign_in(secret), "account_unconfirmed");
    EXPECT_EQ(reset(*code, other_secret), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, AChangeThatThePoolDoesNotTakeEndsNoSession) {
    const Account account = confirmed();
    const Tokens tokens = signed_in();
    const auto change = [&] {
        return outcome(identity().change_password(store_, account.user, secret, other_secret));
    };
    home_.pool.refuse_next("AdminSetUserPassword", "TooManyRequestsException");
    EXPECT_EQ(change(), "identity_unavailable");
    const Tokens next = must(identity().refresh(store_, tokens.refresh_token));
    EXPECT_EQ(change(), "ok");
    EXPECT_EQ(outcome(identity().refresh(store_, next.refresh_token)), "invalid_token");
    EXPECT_EQ(sign_in(secret), "invalid_credentials");
    EXPECT_EQ(sign_in(other_secret), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, OfTwoChangesAtOnceOnlyTheOneThatSucceededCounts) {
    const Account account = confirmed();
    const auto change = [&](std::string_view to) {
        return outcome(identity().change_password(store_, account.user, secret, to));
    };
    home_.pool.before_next("AdminSetUserPassword",
                           [&] { EXPECT_EQ(change("a third password"), "ok"); });
    EXPECT_EQ(change(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in(other_secret), "invalid_credentials");
    EXPECT_EQ(sign_in("a third password"), "ok");
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, ANewPasswordLeavesAnAdministratorOne) {
    const Account admin = must(identity().create_platform_admin(ann, secret, "Ann"));
    const auto is_admin = [&](std::string_view password) {
        const Tokens tokens = must(identity().sign_in({}, ann, password, ""));
        return must(identity().verify(tokens.access_token)).platform_admin;
    };
    must(identity().change_password({}, admin.user, secret, other_secret));
    EXPECT_TRUE(is_admin(other_secret));
    const auto code = must(identity().forgot_password({}, ann));
    home_.pool.refuse_next("AdminSetUserPassword", "TooManyRequestsException");
    EXPECT_EQ(outcome(identity().confirm_forgot_password({}, ann, code->code, secret)),
              "identity_unavailable");
    EXPECT_TRUE(is_admin(other_secret));
    must(identity().confirm_forgot_password({}, ann, code->code, secret));
    EXPECT_TRUE(is_admin(secret));
    // No function may make one: the user of the pool is the one that the operator made.
    EXPECT_EQ(home_.pool.names().size(), 1U);
}

TEST_F(CognitoIdentityTest, ARefusedSignInOpensNoSession) {
    confirmed();
    const auto sessions = [&] {
        return std::ranges::count_if(home_.ledger.rows(),
                                     [](const Row& row) { return row.key.sort == "session"; });
    };
    EXPECT_EQ(sign_in("wrong password"), "invalid_credentials");
    EXPECT_EQ(sessions(), 0);
    EXPECT_EQ(sign_in(secret), "ok");
    EXPECT_EQ(sessions(), 1);
}

TEST_F(CognitoIdentityTest, ASessionEndedInThePoolIsOver) {
    confirmed();
    const Tokens tokens = signed_in();
    home_.pool.refuse_next("GetTokensFromRefreshToken", "NotAuthorizedException",
                           "Refresh Token has been revoked");
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "invalid_token");
}

TEST_F(CognitoIdentityTest, SigningOutRevokesThePoolsTokenToo) {
    confirmed();
    const Tokens tokens = signed_in();
    const auto actions = actions_of([&] {
        must(identity().sign_out(store_, tokens.refresh_token));
        must(identity().sign_out(store_, tokens.refresh_token));
    });
    EXPECT_EQ(actions, std::vector<std::string>{"RevokeToken"});
    EXPECT_NE(home_.pool.calls().back().body.find("pool-refresh-token"), std::string::npos);
}

TEST_F(CognitoIdentityTest, SigningOutWorksWithoutThePool) {
    confirmed();
    const Tokens tokens = signed_in();
    home_.pool.cut(aws::errors::aws_no_answer);
    EXPECT_EQ(outcome(identity().sign_out(store_, tokens.refresh_token)), "ok");
    home_.pool.mend();
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "invalid_token");
}

TEST_F(CognitoIdentityTest, AReusedRefreshTokenIsReportedAndRevoked) {
    confirmed();
    const Tokens tokens = signed_in();
    must(identity().refresh(store_, tokens.refresh_token));
    home_.advance(std::chrono::minutes(1));
    const auto actions =
        actions_of([&] { EXPECT_FALSE(identity().refresh(store_, tokens.refresh_token)); });
    EXPECT_EQ(actions, std::vector<std::string>{"RevokeToken"});
    EXPECT_EQ(home_.environment.telemetry.counted("souk_identity_refresh_reuse_total"), 1);
}

TEST(RotatingCognitoIdentity, ARefreshThatCouldNotBeWrittenCanBeRepeated) {
    CognitoHome home(Rotation::on);
    const Realm store{StoreId::trusted("store_01J0000000000000000000000A")};
    const SignUp made =
        must(home.identity().sign_up(store, "ann@example.com", "correct horse", "Ann"));
    must(home.identity().confirm_sign_up(store, "ann@example.com", made.code.code));
    const Tokens tokens =
        must(home.identity().sign_in(store, "ann@example.com", "correct horse", ""));
    home.ledger.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(outcome(home.identity().refresh(store, tokens.refresh_token)), "ledger_unavailable");
    const Tokens second = must(home.identity().refresh(store, tokens.refresh_token));
    home.advance(std::chrono::hours(1));  // The pool's grace for the first token is over.
    EXPECT_EQ(outcome(home.identity().refresh(store, second.refresh_token)), "ok");
}

TEST_F(CognitoIdentityTest, ASealedTokenCopiedIntoAnotherSessionDoesNotOpen) {
    confirmed();
    const Tokens first = signed_in();
    const Tokens second = signed_in();
    std::vector<Row> sessions;
    for (const Row& row : home_.ledger.rows()) {
        if (row.key.sort == "session") {
            sessions.push_back(row);
        }
    }
    ASSERT_EQ(sessions.size(), 2U);
    const auto sealed = [](const Row& row) {
        return JsonDocument::parse(row.body)->root()["provider_token"].text_or();
    };
    const std::string from = sealed(sessions[0]);
    std::string body = sessions[1].body;
    body.replace(body.find(sealed(sessions[1])), from.size(), from);
    sessions[1].body = body;
    must(home_.ledger.commit({.writes = {Put{sessions[1], Expect::any()}}}));
    std::multiset<std::string_view> outcomes{
        outcome(identity().refresh(store_, first.refresh_token)),
        outcome(identity().refresh(store_, second.refresh_token))};
    EXPECT_EQ(outcomes, (std::multiset<std::string_view>{"corrupt_row", "ok"}));
}

TEST_F(CognitoIdentityTest, ATokenForAnotherClientIsNotPassedOn) {
    confirmed();
    const auto stranger = home_.pool.token(*home_.pool.names().begin(), {{"client_id", "\"x\""}});
    CognitoIdentity misconfigured({.client = home_.pool,
                                   .ledger = home_.ledger,
                                   .environment = home_.environment.environment(),
                                   .all_stores = AllStores::granted_by_composition_root(),
                                   .pool = {FakePool::pool_id, FakePool::client_id},
                                   .issuer = "https://another.example"});
    EXPECT_EQ(outcome(misconfigured.sign_in(store_, ann, secret, "")), "identity_unavailable");
    EXPECT_EQ(outcome(identity().verify(stranger)), "invalid_token");
}

TEST_F(CognitoIdentityTest, ForAnExistingAdministratorThereIsAnotherUserInThePool) {
    must(identity().create_platform_admin(ann, secret, "Ann"));
    const auto before = home_.pool.names();
    must(identity().create_platform_admin(ann, other_secret, "Ann"));
    const auto after = home_.pool.names();
    EXPECT_EQ(after.size(), 1U);
    EXPECT_NE(before, after);
}

TEST_F(CognitoIdentityTest, NamesThePoolAsItsIssuer) {
    const auto document = JsonDocument::parse(identity().openid_configuration());
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["issuer"].string(), FakePool::issuer);
    EXPECT_EQ(document->root()["jwks_uri"].text_or(),
              cat(FakePool::issuer, "/.well-known/jwks.json"));
    EXPECT_NE(identity().jwks().find(R"("kid":"first")"), std::string::npos);
}

}  // namespace souk::contract
