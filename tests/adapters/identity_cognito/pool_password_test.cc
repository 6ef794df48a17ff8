#include "adapters/identity_cognito/pool_password.h"

#include <gtest/gtest.h>

#include <string>

namespace souk {

namespace {
std::string refusal(std::string_view password) {
    const auto checked = check_pool_password(password, "ann@example.com");
    return checked ? "" : checked.error().detail;
}
}  // namespace

TEST(PoolPassword, IsOneThatCognitoTakes) {
    EXPECT_EQ(refusal("correct horse battery"), "");
    EXPECT_EQ(refusal("short"), "A password has 8 to 128 characters.");
    EXPECT_EQ(refusal(" correct horse"), "A password neither begins nor ends with a space.");
    EXPECT_EQ(refusal("correct horse "), "A password neither begins nor ends with a space.");
    EXPECT_EQ(refusal("correct\nhorse"), "A password holds no line breaks or tabs.");
}

TEST(PoolPassword, ThatNobodyCanHaveIsNotAskedFor) {
    for (const std::string& password : {std::string(), std::string(" a"), std::string("a\n"),
                                        std::string("\xff"), std::string(129, 'x')}) {
        EXPECT_FALSE(is_possible_password(password)) << password;
    }
    EXPECT_TRUE(is_possible_password("x"));
    EXPECT_TRUE(is_possible_password(std::string(128, 'x')));
}

}  // namespace souk
