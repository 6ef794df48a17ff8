#include "adapters/accounts/password_rules.h"

#include <gtest/gtest.h>

#include "domain/ports/identity.h"

namespace souk {

namespace {
std::string refusal(std::string_view password) {
    const auto checked = check_password(password, "ann@example.com");
    return checked ? "" : checked.error().detail;
}
}  // namespace

TEST(PasswordRules, SaysWhichRuleWasBroken) {
    EXPECT_EQ(refusal("1234567"), "A password has 8 to 128 characters.");
    EXPECT_EQ(refusal(std::string(129, 'x')), "A password has 8 to 128 characters.");
    EXPECT_EQ(refusal("Ann@Example.com"), "The password must not be the e-mail address.");
    EXPECT_EQ(refusal("PassWord123"),
              "This password is one of the most common ones; choose another.");
    EXPECT_EQ(refusal("\xc0\xaf 1234567"), "The password is not valid UTF-8 text.");
}

TEST(PasswordRules, TakesAnyTextOfTheRightLength) {
    for (const char* good : {"8 chars!", "correct horse battery staple", "ÄÖÜäöüßé", "12345679"}) {
        EXPECT_EQ(refusal(good), "") << good;
    }
    EXPECT_EQ(refusal(std::string(128, 'x')), "");
}

}  // namespace souk
