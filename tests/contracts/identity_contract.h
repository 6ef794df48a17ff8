#pragma once

#include <set>

#include "contracts/identity_fixture.h"

/// Accounts, passwords and mailed codes: what every Identity must do. Instantiate both it and
/// IdentitySessions.
namespace souk::contract {

class IdentityContract : public IdentitySuite {};

TEST_P(IdentityContract, SignUpMakesAnAccountThatIsNotConfirmed) {
    const SignUp made = must(identity().sign_up(store_a(), ann, secret, "Ann"));
    EXPECT_FALSE(made.known);
    EXPECT_EQ(made.code.email, ann);
    EXPECT_EQ(made.code.name, "Ann");
    EXPECT_EQ(made.code.code.size(), 6U);
    const auto account = must(identity().account(store_a(), made.code.user));
    ASSERT_TRUE(account);
    EXPECT_EQ(account->email, ann);
    EXPECT_EQ(account->name, "Ann");
    EXPECT_FALSE(account->confirmed);
    EXPECT_FALSE(account->totp);
    EXPECT_FALSE(account->platform_admin);
    EXPECT_EQ(account->created_at, now());
}

TEST_P(IdentityContract, KnowsAnEmailInAnyCase) {
    const IssuedCode code = signed_up(store_a(), "Ann@Example.COM");
    EXPECT_EQ(code.email, ann);
    EXPECT_TRUE(must(identity().account_by_email(store_a(), "ANN@example.com")));
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), "aNN@example.com", code.code)), "ok");
}

TEST_P(IdentityContract, FindsNoUnknownAccount) {
    EXPECT_FALSE(must(identity().account_by_email(store_a(), ann)));
    EXPECT_FALSE(
        must(identity().account(store_a(), UserId::trusted("user_01J00000000000000000000000"))));
}

TEST_P(IdentityContract, TheCodeConfirmsTheAccount) {
    const Account account = confirmed();
    EXPECT_TRUE(account.confirmed);
    EXPECT_TRUE(must(identity().account_by_email(store_a(), ann))->confirmed);
}

TEST_P(IdentityContract, AConfirmedEmailSignsUpAsKnownAndWithoutACode) {
    const Account account = confirmed();
    const SignUp again = must(identity().sign_up(store_a(), ann, other_secret, "Mallory"));
    EXPECT_TRUE(again.known);
    EXPECT_EQ(again.code.code, "");
    EXPECT_EQ(again.code.user, account.user);
    EXPECT_EQ(again.code.name, "Ann");
}

TEST_P(IdentityContract, SigningUpAgainChangesNothingOfAConfirmedAccount) {
    const Account account = confirmed();
    must(identity().sign_up(store_a(), ann, other_secret, "Mallory"));
    EXPECT_EQ(must(identity().account(store_a(), account.user))->name, "Ann");
    EXPECT_EQ(outcome(sign_in(other_secret)), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
}

TEST_P(IdentityContract, SigningUpAgainBeforeConfirmationTakesTheNewerPassword) {
    const IssuedCode first = signed_up(store_a(), ann, "a stranger's password");
    const SignUp second = must(identity().sign_up(store_a(), ann, secret, "Ann"));
    EXPECT_TRUE(second.known);
    EXPECT_EQ(second.code.user, first.user);
    must(identity().confirm_sign_up(store_a(), ann, second.code.code));
    EXPECT_EQ(outcome(sign_in("a stranger's password")), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
}

TEST_P(IdentityContract, RefusesWeakPasswordsAndMakesNoAccount) {
    const std::string_view weak[] = {"",
                                     "1234567",
                                     "password123",
                                     "PASSWORD123",
                                     "ann@example.com",
                                     "ANN@example.com",
                                     "sev\xC3\xA9n\xC3\xA9\xC3\xA9",
                                     "not utf-8 \xff\xfe"};
    for (const std::string_view password : weak) {
        EXPECT_EQ(outcome(identity().sign_up(store_a(), ann, password, "Ann")), "weak_password")
            << password;
    }
    EXPECT_EQ(outcome(identity().sign_up(store_a(), ann, std::string(129, 'x'), "Ann")),
              "weak_password");
    EXPECT_FALSE(must(identity().account_by_email(store_a(), ann)));
}

TEST_P(IdentityContract, CountsPasswordsInCodePoints) {
    std::string longest;
    for (int i = 0; i < 128; ++i) {
        longest += "\xF0\x9F\x90\xAB";
    }
    confirmed(store_a(), ann, longest);
    EXPECT_EQ(outcome(sign_in(longest)), "ok");
    EXPECT_EQ(outcome(identity().sign_up(store_b(), ann, longest + "x", "Ann")), "weak_password");
    EXPECT_EQ(outcome(identity().sign_up(store_b(), ann, "\xC3\xA9ight-ch", "Ann")), "ok");
}

TEST_P(IdentityContract, RefusesWhatIsNoEmailAddress) {
    EXPECT_EQ(outcome(identity().sign_up(store_a(), "ann", secret, "Ann")), "validation_failed");
}

TEST_P(IdentityContract, AWrongCodeConfirmsNothing) {
    const IssuedCode code = signed_up();
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, wrong(code.code))),
              "invalid_code");
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, "")), "invalid_code");
    EXPECT_FALSE(must(identity().account(store_a(), code.user))->confirmed);
}

TEST_P(IdentityContract, AnUnknownAccountsCodeIsAWrongOne) {
    const auto unknown = identity().confirm_sign_up(store_a(), "nobody@example.com", "123456");
    const IssuedCode code = signed_up();
    const auto known = identity().confirm_sign_up(store_a(), ann, wrong(code.code));
    ASSERT_FALSE(unknown);
    ASSERT_FALSE(known);
    EXPECT_EQ(unknown.error().code, known.error().code);
    EXPECT_EQ(unknown.error().detail, known.error().detail);
}

TEST_P(IdentityContract, ACodeIsDeadAfterFiveWrongTries) {
    const IssuedCode code = signed_up();
    for (int i = 0; i < code_tries_max; ++i) {
        EXPECT_FALSE(identity().confirm_sign_up(store_a(), ann, wrong(code.code)));
    }
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, code.code)), "invalid_code");
}

TEST_P(IdentityContract, TheFifthTryMayStillBeRight) {
    const IssuedCode code = signed_up();
    for (int i = 1; i < code_tries_max; ++i) {
        EXPECT_FALSE(identity().confirm_sign_up(store_a(), ann, wrong(code.code)));
    }
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, code.code)), "ok");
}

TEST_P(IdentityContract, ACodeExpires) {
    const IssuedCode code = signed_up();
    advance(code_life);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, code.code)), "invalid_code");
}

TEST_P(IdentityContract, ACodeLivesUntilItExpires) {
    const IssuedCode code = signed_up();
    advance(code_life - std::chrono::milliseconds(1));
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, code.code)), "ok");
}

TEST_P(IdentityContract, ACodeWorksOnce) {
    const IssuedCode code = signed_up();
    must(identity().confirm_sign_up(store_a(), ann, code.code));
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, code.code)), "invalid_code");
}

TEST_P(IdentityContract, ACodeIsOneAccountsAlone) {
    const IssuedCode anns = signed_up();
    const IssuedCode bobs = signed_up(store_a(), "bob@example.com");
    ASSERT_NE(anns.code, bobs.code);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, bobs.code)), "invalid_code");
}

TEST_P(IdentityContract, ResendingReplacesTheCode) {
    const IssuedCode first = signed_up();
    const auto second = must(identity().resend_confirmation(store_a(), ann));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->user, first.user);
    EXPECT_EQ(second->name, "Ann");
    ASSERT_NE(second->code, first.code);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, first.code)), "invalid_code");
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, second->code)), "ok");
}

TEST_P(IdentityContract, AResentCodeHasAllItsTries) {
    const IssuedCode first = signed_up();
    for (int i = 0; i < code_tries_max; ++i) {
        EXPECT_FALSE(identity().confirm_sign_up(store_a(), ann, wrong(first.code)));
    }
    const auto second = must(identity().resend_confirmation(store_a(), ann));
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, second->code)), "ok");
}

TEST_P(IdentityContract, ResendsNothingToConfirmedOrUnknownAccounts) {
    confirmed();
    EXPECT_FALSE(must(identity().resend_confirmation(store_a(), ann)));
    EXPECT_FALSE(must(identity().resend_confirmation(store_a(), "nobody@example.com")));
}

TEST_P(IdentityContract, LimitsCodesAnHourForKnownAndUnknownEmailsAlike) {
    confirmed();
    for (const std::string_view email : {ann, std::string_view("nobody@example.com")}) {
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(outcome(identity().forgot_password(store_a(), email)), "ok");
        }
        const auto sixth = identity().forgot_password(store_a(), email);
        ASSERT_EQ(outcome(sixth), "rate_limited") << email;
        EXPECT_EQ(sixth.error().members.at(0),
                  std::pair(std::string("retry_after"), std::string("3600")));
    }
    advance(std::chrono::hours(1));
    EXPECT_TRUE(must(identity().forgot_password(store_a(), ann)));
}

TEST_P(IdentityContract, SignUpsAndResentCodesShareOneLimit) {
    signed_up();
    signed_up();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome(identity().resend_confirmation(store_a(), ann)), "ok");
    }
    EXPECT_EQ(outcome(identity().resend_confirmation(store_a(), ann)), "rate_limited");
    EXPECT_EQ(outcome(identity().sign_up(store_a(), ann, secret, "Ann")), "rate_limited");
    EXPECT_EQ(outcome(identity().forgot_password(store_a(), ann)), "ok");
}

TEST_P(IdentityContract, AResetCodeSetsTheNewPassword) {
    confirmed();
    const auto code = must(identity().forgot_password(store_a(), ann));
    ASSERT_TRUE(code);
    EXPECT_EQ(code->email, ann);
    must(identity().confirm_forgot_password(store_a(), ann, code->code, other_secret));
    EXPECT_EQ(outcome(sign_in(secret)), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in(other_secret)), "ok");
}

TEST_P(IdentityContract, GivesNoResetCodeForUnknownEmails) {
    EXPECT_FALSE(must(identity().forgot_password(store_a(), ann)));
    EXPECT_FALSE(must(identity().forgot_password(store_a(), "no address")));
}

TEST_P(IdentityContract, AWrongResetCodeLeavesThePassword) {
    confirmed();
    const auto code = must(identity().forgot_password(store_a(), ann));
    for (int i = 0; i < code_tries_max; ++i) {
        EXPECT_EQ(outcome(identity().confirm_forgot_password(store_a(), ann, wrong(code->code),
                                                             other_secret)),
                  "invalid_code");
    }
    EXPECT_EQ(outcome(identity().confirm_forgot_password(store_a(), ann, code->code, other_secret)),
              "invalid_code");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
}

TEST_P(IdentityContract, AWeakNewPasswordCostsTheResetCodeNothing) {
    confirmed();
    const auto code = must(identity().forgot_password(store_a(), ann));
    for (int i = 0; i <= code_tries_max; ++i) {
        EXPECT_EQ(outcome(identity().confirm_forgot_password(store_a(), ann, code->code, "short")),
                  "weak_password");
    }
    EXPECT_EQ(outcome(identity().confirm_forgot_password(store_a(), ann, code->code, other_secret)),
              "ok");
}

TEST_P(IdentityContract, CodesServeOnlyThePurposeTheyWereMadeFor) {
    const IssuedCode confirmation = signed_up();
    EXPECT_EQ(outcome(identity().confirm_forgot_password(store_a(), ann, confirmation.code,
                                                         other_secret)),
              "invalid_code");
    const auto reset = must(identity().forgot_password(store_a(), ann));
    ASSERT_NE(reset->code, confirmation.code);
    EXPECT_EQ(outcome(identity().confirm_sign_up(store_a(), ann, reset->code)), "invalid_code");
}

TEST_P(IdentityContract, ChangesAPasswordForWhoKnowsTheOldOne) {
    const Account account = confirmed();
    must(identity().change_password(store_a(), account.user, secret, other_secret));
    EXPECT_EQ(outcome(sign_in(secret)), "invalid_credentials");
    EXPECT_EQ(outcome(sign_in(other_secret)), "ok");
}

TEST_P(IdentityContract, RefusesToChangeAPasswordWithoutTheOldOne) {
    const Account account = confirmed();
    EXPECT_EQ(outcome(identity().change_password(store_a(), account.user, "wrong", other_secret)),
              "invalid_credentials");
    EXPECT_EQ(outcome(identity().change_password(store_b(), account.user, secret, other_secret)),
              "invalid_credentials");
    EXPECT_EQ(outcome(identity().change_password(store_a(), account.user, secret, "short")),
              "weak_password");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
}

TEST_P(IdentityContract, GuessesAtAPasswordCountTogetherWhereverTheyAreMade) {
    const Account account = confirmed();
    for (int i = 0; i < sign_ins_per_minute_max; ++i) {
        EXPECT_EQ(
            outcome(identity().change_password(store_a(), account.user, "wrong", other_secret)),
            "invalid_credentials");
    }
    EXPECT_EQ(outcome(identity().change_password(store_a(), account.user, secret, other_secret)),
              "rate_limited");
    EXPECT_EQ(outcome(sign_in(secret)), "rate_limited");
}

TEST_P(IdentityContract, AConfirmationRepeatedUnderItsNameIsAnsweredAsTheFirst) {
    const IssuedCode code = signed_up();
    const auto confirm = [&](std::string_view once) {
        return identity().confirm_sign_up(store_a(), ann, code.code, once);
    };
    const Account first = must(confirm("request 1"));
    EXPECT_EQ(must(confirm("request 1")).user, first.user);
    EXPECT_EQ(outcome(confirm("request 2")), "invalid_code");
    EXPECT_EQ(outcome(confirm("")), "invalid_code");
}

TEST_P(IdentityContract, ANewPasswordRepeatedUnderItsNameIsAnsweredAsTheFirst) {
    const Account account = confirmed();
    const auto change = [&](std::string_view once) {
        return outcome(
            identity().change_password(store_a(), account.user, secret, other_secret, once));
    };
    EXPECT_EQ(change("request 1"), "ok");
    EXPECT_EQ(change("request 1"), "ok");
    EXPECT_EQ(change("request 2"), "invalid_credentials");
    const auto code = must(identity().forgot_password(store_a(), ann));
    const auto reset = [&](std::string_view once) {
        return outcome(
            identity().confirm_forgot_password(store_a(), ann, code->code, secret, once));
    };
    EXPECT_EQ(reset("request 3"), "ok");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
    EXPECT_EQ(reset("request 3"), "ok");
    EXPECT_EQ(reset("request 4"), "invalid_code");
    EXPECT_EQ(outcome(sign_in(secret)), "ok");
}

TEST_P(IdentityContract, TheSameEmailInTwoStoresIsTwoAccounts) {
    const Account a = confirmed(store_a(), ann, secret);
    const Account b = confirmed(store_b(), ann, other_secret);
    const Account member = confirmed(staff(), ann, "a third password");
    EXPECT_EQ(std::set({a.user, b.user, member.user}).size(), 3U);
    EXPECT_EQ(outcome(identity().sign_in(store_a(), ann, other_secret, "")), "invalid_credentials");
    EXPECT_EQ(outcome(identity().sign_in(store_b(), ann, other_secret, "")), "ok");
    EXPECT_EQ(outcome(identity().sign_in(staff(), ann, secret, "")), "invalid_credentials");
    EXPECT_EQ(outcome(identity().sign_in(staff(), ann, "a third password", "")), "ok");
}

TEST_P(IdentityContract, AnAccountIsUnknownInAnotherRealm) {
    const Account account = confirmed(store_a());
    EXPECT_FALSE(must(identity().account(store_b(), account.user)));
    EXPECT_FALSE(must(identity().account(staff(), account.user)));
    EXPECT_FALSE(must(identity().account_by_email(store_b(), ann)));
    EXPECT_FALSE(must(identity().forgot_password(store_b(), ann)));
}

TEST_P(IdentityContract, MakesAPlatformAdministrator) {
    const Account admin = must(identity().create_platform_admin(ann, secret, "Ann"));
    EXPECT_TRUE(admin.confirmed);
    EXPECT_TRUE(admin.platform_admin);
    const Tokens tokens = must(identity().sign_in(staff(), ann, secret, ""));
    const TokenClaims claims = must(identity().verify(tokens.access_token));
    EXPECT_TRUE(claims.platform_admin);
    EXPECT_EQ(claims.realm, staff());
}

TEST_P(IdentityContract, MakesAnExistingStaffAccountAdministratorWithANewPassword) {
    const Account before = confirmed(staff());
    const std::string address = must(identity().enroll_totp(staff(), before.user));
    must(identity().confirm_totp(staff(), before.user, app_code(address, now())));
    const Account admin = must(identity().create_platform_admin(ann, other_secret, "Ann"));
    EXPECT_EQ(admin.user, before.user);
    EXPECT_FALSE(admin.totp);
    EXPECT_EQ(outcome(identity().sign_in(staff(), ann, secret, "")), "invalid_credentials");
    EXPECT_EQ(outcome(identity().sign_in(staff(), ann, other_secret, "")), "ok");
}

TEST_P(IdentityContract, RefusesAWeakPasswordForAnAdministrator) {
    EXPECT_EQ(outcome(identity().create_platform_admin(ann, "short", "Ann")), "weak_password");
    EXPECT_FALSE(must(identity().account_by_email(staff(), ann)));
}

}  // namespace souk::contract
