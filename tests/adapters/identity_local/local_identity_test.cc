#include "adapters/identity_local/local_identity.h"

#include <cstdlib>
#include <set>

#include "adapters/identity_local/local_home.h"
#include "domain/base/json.h"

namespace souk::contract {

namespace {

class CommitCounter final : public CommitObserver {
public:
    explicit CommitCounter(MemoryLedger& ledger) : ledger_(ledger) { ledger_.observe(*this); }
    ~CommitCounter() override { ledger_.forget(*this); }
    void committed(const Transaction&) noexcept override { ++count_; }
    /// Commits since the last call.
    int taken() { return std::exchange(count_, 0); }

private:
    MemoryLedger& ledger_;
    int count_ = 0;
};

class LocalIdentityTest : public testing::Test {
protected:
    LocalIdentity& identity() { return home_.identity(); }
    Account confirmed() {
        const SignUp made = must(identity().sign_up(store_, ann, secret, "Ann"));
        return must(identity().confirm_sign_up(store_, ann, made.code.code));
    }
    Tokens signed_in() { return must(identity().sign_in(store_, ann, secret, "")); }
    /// Whether any row holds the text, in a key or in a body.
    [[nodiscard]] bool stored(const std::string& text) const {
        for (const Row& row : home_.ledger.rows()) {
            if (cat(row.key.partition, ' ', row.key.sort, ' ', row.body).find(text) !=
                std::string::npos) {
                return true;
            }
        }
        return false;
    }
    /// Everything but that somebody tried.
    [[nodiscard]] std::vector<std::string> bodies() const {
        std::vector<std::string> out;
        for (const Row& row : home_.ledger.rows()) {
            if (row.key.partition.contains("#tries#")) {
                continue;
            }
            out.push_back(
                cat(row.key.partition, ' ', row.key.sort, ' ', row.version, ' ', row.body));
        }
        return out;
    }

    static constexpr std::string_view ann = "ann@example.com";
    static constexpr std::string_view nobody = "nobody@example.com";
    static constexpr std::string_view secret = "correct horse battery";
    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
    LocalHome home_;
};

}  // namespace

TEST_F(LocalIdentityTest, StoresNothingThatOpensADoor) {
    const SignUp made = must(identity().sign_up(store_, ann, secret, "Ann"));
    EXPECT_FALSE(stored(made.code.code));
    must(identity().confirm_sign_up(store_, ann, made.code.code));
    const auto reset = must(identity().forgot_password(store_, ann));
    EXPECT_FALSE(stored(reset->code));
    const std::string address = must(identity().enroll_totp(store_, made.code.user));
    const Tokens tokens = signed_in();
    EXPECT_FALSE(stored(std::string(secret)));
    EXPECT_FALSE(stored(tokens.access_token));
    EXPECT_FALSE(stored(tokens.refresh_token));
    EXPECT_FALSE(stored(std::string(split(tokens.refresh_token, '.').back())));
    const auto start = address.find("secret=") + 7;
    EXPECT_FALSE(stored(address.substr(start, address.find('&') - start)));
    EXPECT_TRUE(stored(std::string(ann)));
}

TEST_F(LocalIdentityTest, EveryRowStandsBehindTheWallOfItsRealm) {
    confirmed();
    signed_in();
    must(identity().create_platform_admin(ann, secret, "Ann"));
    must(identity().sign_in({}, ann, secret, ""));
    for (const Row& row : home_.ledger.rows()) {
        EXPECT_EQ(row.key.table, "identity");
        EXPECT_TRUE(row.key.partition.starts_with(store_.store->text() + "#") ||
                    row.key.partition.starts_with("platform#"))
            << row.key.partition;
    }
}

// No queue for hashes: whatever would hash a password answers identity_unavailable.
TEST_F(LocalIdentityTest, KnownAndUnknownAccountsCostTheSameHash) {
    confirmed();
    home_.restart(0);
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "identity_unavailable");
    EXPECT_EQ(outcome(identity().sign_in(store_, nobody, secret, "")), "identity_unavailable");
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, std::string(9999, 'x'), "")),
              "identity_unavailable");
    EXPECT_EQ(outcome(identity().sign_up(store_, ann, secret, "Ann")), "identity_unavailable");
    EXPECT_EQ(outcome(identity().sign_up(store_, nobody, secret, "No")), "identity_unavailable");
}

TEST_F(LocalIdentityTest, AFullQueueIsNoFailedTry) {
    confirmed();
    home_.restart(0);
    for (int i = 0; i < 2 * sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "identity_unavailable");
    }
}

TEST_F(LocalIdentityTest, KnownAndUnknownAccountsCostTheSameCommits) {
    confirmed();
    CommitCounter commits(home_.ledger);
    const auto cost = [&](auto call) {
        (void)call();
        return commits.taken();
    };
    for (const std::string_view email : {ann, nobody}) {
        EXPECT_EQ(cost([&] { return identity().sign_up(store_, email, secret, "Ann"); }), 1)
            << email;
        EXPECT_EQ(cost([&] { return identity().resend_confirmation(store_, email); }), 1) << email;
        EXPECT_EQ(cost([&] { return identity().forgot_password(store_, email); }), 1) << email;
        EXPECT_EQ(
            cost([&] { return identity().confirm_forgot_password(store_, email, "no", secret); }),
            1)
            << email;
        EXPECT_EQ(cost([&] { return identity().confirm_sign_up(store_, email, "no"); }), 1)
            << email;
        EXPECT_EQ(cost([&] { return identity().sign_in(store_, email, "wrong one", ""); }), 1)
            << email;
    }
}

TEST_F(LocalIdentityTest, ARestartForgetsNoFailedTry) {
    confirmed();
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_FALSE(identity().sign_in(store_, ann, "wrong password", ""));
    }
    home_.restart();
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "rate_limited");
}

TEST_F(LocalIdentityTest, ARefusedSignInWritesNothingButThatItWasTried) {
    confirmed();
    const auto before = bodies();
    EXPECT_FALSE(identity().sign_in(store_, ann, "wrong password", ""));
    EXPECT_FALSE(identity().sign_in(store_, nobody, secret, ""));
    EXPECT_FALSE(identity().refresh(store_, "rt_forged"));
    EXPECT_EQ(bodies(), before);
}

TEST_F(LocalIdentityTest, ARefusedChangeOfPasswordWritesNothingButThatItWasTried) {
    const Account account = confirmed();
    const auto before = bodies();
    EXPECT_FALSE(
        identity().change_password(store_, account.user, "wrong password", "a new password"));
    EXPECT_FALSE(identity().change_password(store_, account.user, secret, "password123"));
    EXPECT_EQ(bodies(), before);
}

TEST_F(LocalIdentityTest, AForgedRefreshTokenEndsNoSession) {
    confirmed();
    const Tokens tokens = signed_in();
    const auto parts = split(tokens.refresh_token, '.');
    const std::string forged = cat(parts[0], ".0.", parts[2]);
    EXPECT_EQ(outcome(identity().refresh(store_, forged)), "invalid_token");
    must(identity().sign_out(store_, forged));
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "ok");
}

TEST_F(LocalIdentityTest, AnotherSecretOfTheInstallationEndsItsRefreshTokens) {
    confirmed();
    const Tokens tokens = signed_in();
    TestEnvironment& own = home_.environment;
    const Environment other{own.clock, own.crypto, own.telemetry, std::string(32, 'o')};
    const auto elsewhere =
        must(LocalIdentity::open({.ledger = home_.ledger,
                                  .environment = other,
                                  .all_stores = AllStores::granted_by_composition_root(),
                                  .issuer = LocalHome::issuer,
                                  .key_directory = home_.keys.path()}));
    EXPECT_EQ(outcome(elsewhere->refresh(store_, tokens.refresh_token)), "invalid_token");
}

TEST_F(LocalIdentityTest, SessionsAccountsAndTokensOutliveARestart) {
    const Account account = confirmed();
    const Tokens tokens = signed_in();
    home_.restart();
    EXPECT_EQ(must(identity().verify(tokens.access_token)).user, account.user);
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "ok");
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "ok");
}

TEST_F(LocalIdentityTest, TokensOutliveARotationOfTheKeys) {
    confirmed();
    const Tokens before = signed_in();
    must(identity().rotate_keys());
    const Tokens after = signed_in();
    home_.restart();
    EXPECT_EQ(outcome(identity().verify(before.access_token)), "ok");
    EXPECT_EQ(outcome(identity().verify(after.access_token)), "ok");
}

TEST_F(LocalIdentityTest, AReusedRefreshTokenIsReported) {
    confirmed();
    const Tokens tokens = signed_in();
    must(identity().refresh(store_, tokens.refresh_token));
    home_.advance(std::chrono::minutes(1));
    EXPECT_FALSE(identity().refresh(store_, tokens.refresh_token));
    EXPECT_EQ(home_.environment.telemetry.counted("souk_identity_refresh_reuse_total"), 1);
}

TEST_F(LocalIdentityTest, AnAnswerThatWasLostIsAskedForAgain) {
    home_.ledger.lose_answers(1);
    const SignUp made = must(identity().sign_up(store_, ann, secret, "Ann"));
    EXPECT_FALSE(made.known);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_, ann, made.code.code)), "ok");
}

TEST_F(LocalIdentityTest, ALostRaceIsRunAgain) {
    home_.ledger.refuse(2, errors::ledger_conflict);
    EXPECT_EQ(outcome(identity().sign_up(store_, ann, secret, "Ann")), "ok");
}

TEST_F(LocalIdentityTest, AnUnavailableLedgerIsSaidSoAndCountsAsNoFailedTry) {
    confirmed();
    home_.ledger.refuse(6, errors::ledger_unavailable);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "ledger_unavailable");
    }
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "ok");
}

TEST_F(LocalIdentityTest, AnUnavailableLedgerUsesUpNoRefreshToken) {
    confirmed();
    const Tokens tokens = signed_in();
    home_.ledger.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "ledger_unavailable");
    EXPECT_EQ(outcome(identity().refresh(store_, tokens.refresh_token)), "ok");
}

TEST_F(LocalIdentityTest, ARowThatCannotBeReadIsSaidSo) {
    const Account account = confirmed();
    for (Row row : home_.ledger.rows()) {
        if (row.key.sort == "account") {
            row.body = R"({"v":2})";
            must(home_.ledger.commit(
                {.token = {}, .writes = {Put{row, Expect::any()}}, .events = {}}));
        }
    }
    EXPECT_EQ(outcome(identity().account(store_, account.user)), "corrupt_row");
    EXPECT_EQ(outcome(identity().sign_in(store_, ann, secret, "")), "corrupt_row");
}

TEST_F(LocalIdentityTest, ACopiedTotpSecretOpensForNoOtherAccount) {
    const Account account = confirmed();
    must(identity().enroll_totp(store_, account.user));
    int copied = 0;
    for (Row row : home_.ledger.rows()) {
        if (row.key.sort == "account") {
            ++copied;
            const std::string other = "user_01J00000000000000000000000";
            row.key.partition.replace(row.key.partition.find("user_"), other.size(), other);
            row.body.replace(row.body.find("user_"), other.size(), other);
            must(home_.ledger.commit(
                {.token = {}, .writes = {Put{row, Expect::any()}}, .events = {}}));
            EXPECT_EQ(outcome(identity().confirm_totp(store_, UserId::trusted(other), "123456")),
                      "corrupt_row");
        }
    }
    EXPECT_EQ(copied, 1);
}

TEST_F(LocalIdentityTest, SpentRowsExpireByThemselves) {
    must(identity().sign_up(store_, nobody, secret, "No"));
    must(identity().forgot_password(store_, "stranger@example.com"));
    EXPECT_FALSE(identity().confirm_sign_up(store_, "stranger@example.com", "123456"));
    home_.advance(std::chrono::hours(1));
    std::set<std::string> left;
    for (const Row& row : home_.ledger.rows()) {
        left.insert(row.key.sort);
    }
    EXPECT_EQ(left, std::set<std::string>({"account", "owner"}));
}

TEST_F(LocalIdentityTest, PublishesItsKeysAndWhereTheyAre) {
    const JsonDocument discovery = must(JsonDocument::parse(identity().openid_configuration()));
    const JsonView root = discovery.root();
    EXPECT_EQ(root["issuer"].string(), LocalHome::issuer);
    EXPECT_EQ(root["jwks_uri"].string(), "http://localhost:8080/.well-known/jwks.json");
    EXPECT_EQ(root["id_token_signing_alg_values_supported"].at(0).string(), "RS256");
    EXPECT_EQ(root["subject_types_supported"].at(0).string(), "public");
    EXPECT_FALSE(root["token_endpoint"].present());
    const JsonDocument keys = must(JsonDocument::parse(identity().jwks()));
    const JsonView key = keys.root()["keys"].at(0);
    EXPECT_EQ(key["kty"].string(), "RSA");
    EXPECT_EQ(key["alg"].string(), "RS256");
    EXPECT_EQ(key["use"].string(), "sig");
    EXPECT_EQ(key["e"].string(), "AQAB");
    EXPECT_EQ(from_base64url(key["n"].text_or())->size(), 256U);
    EXPECT_FALSE(key["d"].present());
}

TEST_F(LocalIdentityTest, AnIssuerWithASlashAtItsEndIsTheSameIssuer) {
    const auto other =
        must(LocalIdentity::open({.ledger = home_.ledger,
                                  .environment = home_.environment.environment(),
                                  .all_stores = AllStores::granted_by_composition_root(),
                                  .issuer = "http://localhost:8080/",
                                  .key_directory = home_.keys.path()}));
    confirmed();
    EXPECT_EQ(outcome(other->verify(signed_in().access_token)), "ok");
}

TEST_F(LocalIdentityTest, DoesNotOpenWithoutItsKeys) {
    const auto opened = LocalIdentity::open({.ledger = home_.ledger,
                                             .environment = home_.environment.environment(),
                                             .all_stores = AllStores::granted_by_composition_root(),
                                             .issuer = "http://localhost:8080",
                                             .key_directory = "/dev/null/keys"});
    EXPECT_EQ(outcome(opened), "identity_unavailable");
}

}  // namespace souk::contract
