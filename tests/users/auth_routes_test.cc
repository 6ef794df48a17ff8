#include "users/mall.h"

namespace souk::testing {
namespace {

constexpr std::array actions = std::to_array<std::string_view>(
    {"sign_up", "confirm_sign_up", "resend_confirmation", "sign_in", "refresh", "sign_out",
     "forgot_password", "confirm_forgot_password", "change_password", "enroll_totp", "confirm_totp",
     "remove_totp"});
constexpr std::array for_the_signed_in = std::to_array<std::string_view>(
    {"change_password", "enroll_totp", "confirm_totp", "remove_totp"});

TEST(AuthRoutes, AreTheSameForCustomersAndStaff) {
    const Mall mall;
    for (const auto action : actions) {
        const Route& customers = mall.desk.route(cat("customer_", action));
        const Route& staff = mall.desk.route(cat("staff_", action));
        constexpr std::string_view in_store = "/v1/stores/{store}/auth/";
        ASSERT_TRUE(customers.pattern.starts_with(in_store));
        EXPECT_EQ(staff.pattern, cat("/v1/auth/", customers.pattern.substr(in_store.size())));
        EXPECT_EQ(staff.method, customers.method);
        EXPECT_EQ(staff.throttle, customers.throttle);
        EXPECT_EQ(staff.body.has_value(), customers.body.has_value());
    }
}

TEST(AuthRoutes, NeedACredentialOnlyForOnesOwnAccount) {
    const Mall mall;
    for (const auto action : actions) {
        const bool own = std::ranges::find(for_the_signed_in, action) != for_the_signed_in.end();
        EXPECT_EQ(mall.desk.route(cat("customer_", action)).audiences.anyone, !own) << action;
        EXPECT_EQ(mall.desk.route(cat("staff_", action)).audiences.anyone, !own) << action;
        EXPECT_FALSE(mall.desk.route(cat("customer_", action)).audiences.account);
        EXPECT_EQ(mall.desk.route(cat("staff_", action)).audiences.account, own) << action;
    }
}

TEST(AuthRoutes, AreThrottledWhereTheyTakeOrMailASecret) {
    const Mall mall;
    for (const auto action : actions) {
        const bool ordinary = action == "refresh" || action == "sign_out";
        EXPECT_EQ(mall.desk.route(cat("customer_", action)).throttle == Throttle::ordinary,
                  ordinary)
            << action;
    }
}

}  // namespace
}  // namespace souk::testing
