#pragma once

#include <future>
#include <set>
#include <vector>

#include "contracts/identity_fixture.h"

/// Sign-in, tokens and one-time codes: the other half of what every Identity must do.
namespace souk::contract {

class IdentitySessions : public IdentitySuite {
protected:
    Result<Tokens> refresh(const Tokens& tokens, const Realm& realm = store_a()) {
        return identity().refresh(realm, tokens.refresh_token);
    }
};

TEST_P(IdentitySessions, SignInGivesATokenThatSaysWhoAndWhere) {
    const Account account = confirmed();
    const Tokens tokens = must(sign_in());
    EXPECT_EQ(tokens.expires_in, access_token_life);
    const TokenClaims claims = must(identity().verify(tokens.access_token));
    EXPECT_EQ(claims.user, account.user);
    EXPECT_EQ(claims.realm, store_a());
    EXPECT_EQ(claims.email, ann);
    EXPECT_FALSE(claims.platform_admin);
    EXPECT_EQ(claims.expires, now() + access_token_life);
}

TEST_P(IdentitySessions, ATokenOfOneRealmNamesThatRealm) {
    confirmed(store_a());
    confirmed(store_b());
    confirmed(staff());
    for (const Realm& realm : {store_a(), store_b(), staff()}) {
        const Tokens tokens = must(sign_in(secret, "", realm));
        EXPECT_EQ(must(identity().verify(tokens.access_token)).realm, realm);
    }
}

TEST_P(IdentitySessions, TellsUnknownAccountsAndWrongPasswordsApartByNothing) {
    confirmed();
    const auto wrong_password = sign_in("wrong password");
    const auto unknown = identity().sign_in(store_a(), "nobody@example.com", secret, "");
    ASSERT_FALSE(wrong_password);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(wrong_password.error().code, errors::invalid_credentials);
    EXPECT_EQ(wrong_password.error().code, unknown.error().code);
    EXPECT_EQ(wrong_password.error().detail, unknown.error().detail);
    EXPECT_EQ(wrong_password.error().members, unknown.error().members);
    EXPECT_EQ(wrong_password.error().fields, unknown.error().fields);
}

TEST_P(IdentitySessions, AnUnconfirmedAccountIsToldOnlyToWhoKnowsItsPassword) {
    signed_up();
    EXPECT_EQ(outcome(sign_in()), "account_unconfirmed");
    EXPECT_EQ(outcome(sign_in("wrong password")), "invalid_credentials");
}

TEST_P(IdentitySessions, RefusesPasswordsOfAbsurdLength) {
    confirmed();
    EXPECT_EQ(outcome(sign_in(std::string(1'000'000, 'x'))), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in("")), "invalid_credentials");
}

TEST_P(IdentitySessions, ThrottlesGuessesForKnownAndUnknownAccountsAlike) {
    confirmed();
    const std::string_view nobody = "nobody@example.com";
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(sign_in("wrong password")), "invalid_credentials");
        EXPECT_EQ(outcome(identity().sign_in(store_a(), nobody, secret, "")),
                  "invalid_credentials");
    }
    const auto known = sign_in(secret);
    const auto unknown = identity().sign_in(store_a(), nobody, secret, "");
    ASSERT_EQ(outcome(known), "rate_limited");
    ASSERT_EQ(outcome(unknown), "rate_limited");
    EXPECT_EQ(known.error().detail, unknown.error().detail);
    EXPECT_EQ(known.error().members, unknown.error().members);
    EXPECT_EQ(known.error().members.at(0),
              std::pair(std::string("retry_after"), std::string("60")));
}

TEST_P(IdentitySessions, TheThrottleLetsGoAfterAMinute) {
    confirmed();
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_FALSE(sign_in("wrong password"));
    }
    advance(std::chrono::milliseconds(59'999));
    EXPECT_EQ(outcome(sign_in()), "rate_limited");
    advance(std::chrono::milliseconds(1));
    EXPECT_EQ(outcome(sign_in()), "ok");
}

TEST_P(IdentitySessions, RightPasswordsAreNotThrottled) {
    confirmed();
    for (int i = 0; i < 2 * sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(sign_in()), "ok");
    }
}

TEST_P(IdentitySessions, TheThrottleOfOneRealmIsNotAnothers) {
    confirmed(store_a());
    confirmed(store_b());
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_FALSE(sign_in("wrong password", "", store_a()));
    }
    EXPECT_EQ(outcome(sign_in(secret, "", store_b())), "ok");
}

TEST_P(IdentitySessions, GuessesAtTheSameTimeAreThrottledToo) {
    confirmed();
    std::vector<std::future<bool>> guesses;
    for (int i = 0; i < 20; ++i) {
        guesses.push_back(std::async(std::launch::async, [&] {
            const auto guessed = sign_in("wrong password");
            return !guessed && guessed.error().code == errors::invalid_credentials;
        }));
    }
    int checked = 0;
    for (auto& guess : guesses) {
        checked += guess.get() ? 1 : 0;
    }
    EXPECT_EQ(checked, sign_ins_per_minute_max);
}

TEST_P(IdentitySessions, AnAccessTokenExpires) {
    confirmed();
    const Tokens tokens = must(sign_in());
    must(identity().verify(tokens.access_token));
    advance(access_token_life - std::chrono::seconds(1));
    EXPECT_EQ(outcome(identity().verify(tokens.access_token)), "ok");
    advance(std::chrono::seconds(1));
    EXPECT_EQ(outcome(identity().verify(tokens.access_token)), "invalid_token");
}

TEST_P(IdentitySessions, RefusesWhatIsNoToken) {
    confirmed();
    const Tokens tokens = must(sign_in());
    for (const std::string& text :
         {std::string(), std::string("x"), std::string("a.b.c"), std::string("..."),
          tokens.refresh_token, tokens.access_token + "x", std::string(100'000, 'A')}) {
        EXPECT_EQ(outcome(identity().verify(text)), "invalid_token") << text.substr(0, 50);
    }
    for (const std::string& text :
         {std::string(), std::string("rt_"), tokens.access_token, tokens.refresh_token + "x",
          tokens.refresh_token.substr(1), std::string(100'000, 'A')}) {
        EXPECT_EQ(outcome(identity().refresh(store_a(), text)), "invalid_token");
    }
    EXPECT_EQ(outcome(refresh(tokens)), "ok");
}

TEST_P(IdentitySessions, RefreshingGivesANewPair) {
    const Account account = confirmed();
    const Tokens first = must(sign_in());
    const Tokens second = must(refresh(first));
    EXPECT_NE(second.access_token, first.access_token);
    EXPECT_NE(second.refresh_token, first.refresh_token);
    EXPECT_EQ(must(identity().verify(second.access_token)).user, account.user);
    EXPECT_EQ(outcome(refresh(second)), "ok");
}

TEST_P(IdentitySessions, OfRefreshesAtTheSameTimeAtMostOneWins) {
    confirmed();
    const Tokens first = must(sign_in());
    std::vector<std::future<std::string_view>> racing;
    for (int i = 0; i < 8; ++i) {
        racing.push_back(std::async(std::launch::async, [&] { return outcome(refresh(first)); }));
    }
    int won = 0;
    for (auto& one : racing) {
        won += one.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(won, 1);
}

TEST_P(IdentitySessions, ARepeatEndsTheWholeFamily) {
    confirmed();
    const Tokens first = must(sign_in());
    const Tokens second = must(refresh(first));
    EXPECT_EQ(outcome(refresh(first)), "invalid_token");
    EXPECT_EQ(outcome(refresh(second)), "invalid_token");
}

TEST_P(IdentitySessions, AnOlderTokenEndsTheWholeFamilyAtOnce) {
    confirmed();
    const Tokens first = must(sign_in());
    const Tokens second = must(refresh(first));
    const Tokens third = must(refresh(second));
    EXPECT_EQ(outcome(refresh(first)), "invalid_token");
    EXPECT_EQ(outcome(refresh(third)), "invalid_token");
}

TEST_P(IdentitySessions, ARefreshRepeatedUnderItsNameIsNoReuse) {
    const Account account = confirmed();
    const Tokens first = must(sign_in());
    const auto refreshed = [&](std::string_view once) {
        return identity().refresh(store_a(), first.refresh_token, once);
    };
    const Tokens lost = must(refreshed("request 1"));
    const Tokens second = must(refreshed("request 1"));
    EXPECT_EQ(second.refresh_token, lost.refresh_token);
    EXPECT_EQ(must(identity().verify(second.access_token)).user, account.user);
    const Tokens third = must(refresh(second));
    EXPECT_EQ(outcome(refreshed("request 1")), "invalid_token") << "its pair is used up";
    EXPECT_EQ(outcome(refresh(third)), "invalid_token");
}

TEST_P(IdentitySessions, ARefreshUnderAnotherNameIsReuse) {
    confirmed();
    const Tokens first = must(sign_in());
    const Tokens second = must(identity().refresh(store_a(), first.refresh_token, "request 1"));
    EXPECT_EQ(outcome(identity().refresh(store_a(), first.refresh_token, "request 2")),
              "invalid_token");
    EXPECT_EQ(outcome(refresh(second)), "invalid_token");
}

TEST_P(IdentitySessions, AnUnnamedRefreshIsReuse) {
    confirmed();
    const Tokens first = must(sign_in());
    const Tokens second = must(identity().refresh(store_a(), first.refresh_token, ""));
    EXPECT_EQ(outcome(identity().refresh(store_a(), first.refresh_token, "")), "invalid_token");
    EXPECT_EQ(outcome(refresh(second)), "invalid_token");
}

TEST_P(IdentitySessions, TotpGoesInAndOutOfForceOnceUnderOneName) {
    const Account account = confirmed();
    const std::string address = must(identity().enroll_totp(store_a(), account.user));
    const std::string code = app_code(address, now());
    const auto confirm = [&](std::string_view once) {
        return outcome(identity().confirm_totp(store_a(), account.user, code, once));
    };
    EXPECT_EQ(confirm("request 1"), "ok");
    EXPECT_EQ(confirm("request 1"), "ok");
    EXPECT_EQ(confirm("request 2"), "invalid_code");
    advance(std::chrono::seconds(30));
    const std::string next = app_code(address, now());
    const auto remove = [&](std::string_view once) {
        return outcome(identity().remove_totp(store_a(), account.user, next, once));
    };
    EXPECT_EQ(remove("request 3"), "ok");
    EXPECT_EQ(remove("request 3"), "ok");
    EXPECT_FALSE(must(identity().account(store_a(), account.user))->totp);
    EXPECT_EQ(remove("request 4"), "invalid_code");
}

TEST_P(IdentitySessions, EndingOneFamilyLeavesTheOthers) {
    confirmed();
    const Tokens phone = must(sign_in());
    const Tokens laptop = must(sign_in());
    must(identity().sign_out(store_a(), phone.refresh_token));
    EXPECT_EQ(outcome(refresh(phone)), "invalid_token");
    EXPECT_EQ(outcome(refresh(laptop)), "ok");
}

TEST_P(IdentitySessions, SigningOutTwiceOrWithNoTokenIsNoError) {
    confirmed();
    const Tokens tokens = must(sign_in());
    EXPECT_EQ(outcome(identity().sign_out(store_a(), tokens.refresh_token)), "ok");
    EXPECT_EQ(outcome(identity().sign_out(store_a(), tokens.refresh_token)), "ok");
    EXPECT_EQ(outcome(identity().sign_out(store_a(), "never a token")), "ok");
}

TEST_P(IdentitySessions, ARefreshTokenIsUnknownInAnotherRealm) {
    confirmed();
    const Tokens tokens = must(sign_in());
    EXPECT_EQ(outcome(refresh(tokens, store_b())), "invalid_token");
    EXPECT_EQ(outcome(refresh(tokens, staff())), "invalid_token");
    must(identity().sign_out(store_b(), tokens.refresh_token));
    EXPECT_EQ(outcome(refresh(tokens)), "ok");
}

TEST_P(IdentitySessions, ASessionEndsThirtyDaysAfterItsSignIn) {
    confirmed();
    Tokens tokens = must(sign_in());
    advance(refresh_token_life - std::chrono::milliseconds(1));
    tokens = must(refresh(tokens));
    advance(std::chrono::milliseconds(1));
    EXPECT_EQ(outcome(refresh(tokens)), "invalid_token");
}

TEST_P(IdentitySessions, ANewPasswordEndsEverySession) {
    const Account account = confirmed();
    const Tokens phone = must(sign_in());
    const Tokens laptop = must(sign_in());
    must(identity().change_password(store_a(), account.user, secret, other_secret));
    EXPECT_EQ(outcome(refresh(phone)), "invalid_token");
    EXPECT_EQ(outcome(refresh(laptop)), "invalid_token");
    EXPECT_EQ(outcome(refresh(must(sign_in(other_secret)))), "ok");
}

TEST_P(IdentitySessions, AResetPasswordEndsEverySession) {
    confirmed();
    const Tokens tokens = must(sign_in());
    const auto code = must(identity().forgot_password(store_a(), ann));
    must(identity().confirm_forgot_password(store_a(), ann, code->code, other_secret));
    EXPECT_EQ(outcome(refresh(tokens)), "invalid_token");
}

TEST_P(IdentitySessions, WhoIsMadeAdministratorAgainIsSignedOutEverywhere) {
    must(identity().create_platform_admin(ann, secret, "Ann"));
    const Tokens tokens = must(identity().sign_in(staff(), ann, secret, ""));
    must(identity().create_platform_admin(ann, other_secret, "Ann"));
    EXPECT_EQ(outcome(identity().refresh(staff(), tokens.refresh_token)), "invalid_token");
}

TEST_P(IdentitySessions, TotpIsInForceOnceACodeProvedIt) {
    const Account account = confirmed();
    const std::string address = must(identity().enroll_totp(store_a(), account.user));
    EXPECT_TRUE(address.starts_with("otpauth://totp/"));
    EXPECT_FALSE(must(identity().account(store_a(), account.user))->totp);
    EXPECT_EQ(outcome(sign_in()), "ok");
    must(identity().confirm_totp(store_a(), account.user, app_code(address, now())));
    EXPECT_TRUE(must(identity().account(store_a(), account.user))->totp);
    EXPECT_EQ(outcome(sign_in()), "totp_required");
}

TEST_P(IdentitySessions, AWrongCodePutsNoTotpInForce) {
    const Account account = confirmed();
    const std::string address = must(identity().enroll_totp(store_a(), account.user));
    const std::string code = wrong(app_code(address, now()));
    EXPECT_EQ(outcome(identity().confirm_totp(store_a(), account.user, code)), "invalid_code");
    EXPECT_EQ(outcome(sign_in()), "ok");
}

TEST_P(IdentitySessions, ConfirmsNoTotpThatWasNotEnrolled) {
    const Account account = confirmed();
    EXPECT_EQ(outcome(identity().confirm_totp(store_a(), account.user, "123456")), "invalid_code");
    EXPECT_EQ(outcome(identity().remove_totp(store_a(), account.user, "123456")), "invalid_code");
}

TEST_P(IdentitySessions, SignInTakesTheCodeOfTheStepBeforeAndAfter) {
    const auto [account, address] = with_totp();
    advance(std::chrono::minutes(5));
    for (const int offset : {-30, 0, 30}) {
        EXPECT_EQ(outcome(sign_in(secret, app_code(address, now() + std::chrono::seconds(offset)))),
                  "ok")
            << offset;
    }
}

TEST_P(IdentitySessions, RefusesCodesOfFartherSteps) {
    const auto [account, address] = with_totp();
    advance(std::chrono::minutes(5));
    for (const int offset : {-60, 60}) {
        EXPECT_EQ(outcome(sign_in(secret, app_code(address, now() + std::chrono::seconds(offset)))),
                  "totp_required")
            << offset;
    }
}

TEST_P(IdentitySessions, AOneTimeCodeWorksOnce) {
    const auto [account, address] = with_totp();
    const std::string code = app_code(address, now());
    EXPECT_EQ(outcome(sign_in(secret, code)), "ok");
    EXPECT_EQ(outcome(sign_in(secret, code)), "totp_required");
}

TEST_P(IdentitySessions, TheCodeThatConfirmedTotpDoesNotSignIn) {
    const Account account = confirmed();
    const std::string address = must(identity().enroll_totp(store_a(), account.user));
    const std::string code = app_code(address, now());
    must(identity().confirm_totp(store_a(), account.user, code));
    EXPECT_EQ(outcome(sign_in(secret, code)), "totp_required");
}

TEST_P(IdentitySessions, ARightOneTimeCodeDoesNotReplaceThePassword) {
    const auto [account, address] = with_totp();
    const std::string code = app_code(address, now());
    EXPECT_EQ(outcome(sign_in("wrong password", code)), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in(secret, code)), "ok");
}

TEST_P(IdentitySessions, GuessesAtOneTimeCodesAreThrottled) {
    const auto [account, address] = with_totp();
    const std::string code = app_code(address, now());
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(sign_in(secret, wrong(code))), "totp_required");
    }
    EXPECT_EQ(outcome(sign_in(secret, code)), "rate_limited");
}

TEST_P(IdentitySessions, AskingForTheOneTimeCodeIsNoGuess) {
    const auto [account, address] = with_totp();
    for (int i = 0; i < 2 * sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(sign_in()), "totp_required");
    }
}

TEST_P(IdentitySessions, GuessesAtConfirmingAndRemovingTotpAreThrottled) {
    const auto [account, address] = with_totp();
    const std::string code = app_code(address, now());
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(outcome(identity().remove_totp(store_a(), account.user, wrong(code))),
                  "invalid_code");
    }
    EXPECT_EQ(outcome(identity().remove_totp(store_a(), account.user, code)), "rate_limited");
    EXPECT_TRUE(must(identity().account(store_a(), account.user))->totp);
}

TEST_P(IdentitySessions, RemovesTotpWithACode) {
    const auto [account, address] = with_totp();
    must(identity().remove_totp(store_a(), account.user, app_code(address, now())));
    EXPECT_FALSE(must(identity().account(store_a(), account.user))->totp);
    EXPECT_EQ(outcome(sign_in()), "ok");
}

TEST_P(IdentitySessions, AStolenSessionCannotReplaceTotp) {
    const auto [account, address] = with_totp();
    EXPECT_EQ(outcome(identity().enroll_totp(store_a(), account.user)), "forbidden");
    EXPECT_EQ(outcome(sign_in(secret, app_code(address, now()))), "ok");
}

TEST_P(IdentitySessions, TotpCanBeEnrolledAgainOnceRemoved) {
    const auto [account, address] = with_totp();
    must(identity().remove_totp(store_a(), account.user, app_code(address, now())));
    const std::string next = must(identity().enroll_totp(store_a(), account.user));
    EXPECT_NE(next, address);
    EXPECT_EQ(outcome(identity().confirm_totp(store_a(), account.user, app_code(next, now()))),
              "ok");
}

TEST_P(IdentitySessions, EnrollsNoTotpForAnUnknownAccount) {
    EXPECT_EQ(outcome(identity().enroll_totp(store_a(),
                                             UserId::trusted("user_01J00000000000000000000000"))),
              "not_found");
}

}  // namespace souk::contract
