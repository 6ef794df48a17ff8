#include "users/mall.h"

namespace souk::testing {
namespace {

struct Me : ::testing::Test {
    Mall mall;
    UserId ada = mall.customer(mall.store, "ada@example.com");
    Caller caller = customer_of(mall.store, ada);

    void expect_refused(const Caller& who, std::string_view body, std::string_view code) {
        const auto before = snapshot(mall.ledger);
        EXPECT_EQ(code_of(mall.desk.call("update_me", who, body)), code) << body;
        EXPECT_EQ(snapshot(mall.ledger), before);
    }
};

TEST_F(Me, IsTheSignedInCustomer) {
    const auto answer = mall.desk.call("show_me", caller);
    EXPECT_EQ(answer->text(), cat(R"({"id":")", ada.text(),
                                  R"(","email":"ada@example.com","name":"Ada","phone":null,)",
                                  R"("created_at":"2026-01-01T00:00:00.000Z","version":1})"));
    EXPECT_EQ(answer->headers[0], Parameter("ETag", "\"1\""));
}

TEST_F(Me, ChangesNameAndPhone) {
    const auto answer =
        json_of(mall.desk.call("update_me", caller, R"({"name":"Ada L.","phone":"+44 20"})"));
    EXPECT_EQ(answer.root()["name"].text_or(), "Ada L.");
    EXPECT_EQ(answer.root()["phone"].text_or(), "+44 20");
    EXPECT_EQ(answer.root()["version"].integer_or(0), 2);
    EXPECT_TRUE(json_of(mall.desk.call("update_me", caller, R"({"phone":null})"))
                    .root()["phone"]
                    .is_null());
    EXPECT_EQ(json_of(mall.desk.call("show_me", caller)).root()["name"].text_or(), "Ada L.");
}

TEST_F(Me, WritesNothingWhenNothingDiffers) {
    const auto before = snapshot(mall.ledger);
    EXPECT_TRUE(mall.desk.call("update_me", caller, R"({"name":"Ada"})"));
    EXPECT_EQ(snapshot(mall.ledger), before);
}

TEST_F(Me, HonoursIfMatch) {
    EXPECT_TRUE(mall.desk.call("update_me", if_match(caller, 1), R"({"name":"B"})"));
    expect_refused(if_match(caller, 1), R"({"name":"C"})", "version_mismatch");
}

TEST_F(Me, RefusesWhatIsNotItsToChange) {
    expect_refused(caller, R"({"email":"eve@example.com"})", "unknown_member");
    expect_refused(caller, R"({"name":""})", "validation_failed");
    expect_refused(caller, R"({"name":null})", "validation_failed");
    expect_refused(caller, cat(R"({"phone":")", std::string(33, '1'), "\"}"), "validation_failed");
}

TEST_F(Me, OfAnAccountThatIsNoMoreIsUnauthenticated) {
    const Caller ghost =
        customer_of(mall.store, UserId::trusted("user_00000000000000000000000009"));
    EXPECT_EQ(code_of(mall.desk.call("show_me", ghost)), "unauthenticated");
    expect_refused(ghost, R"({"name":"Boo"})", "unauthenticated");
}

TEST_F(Me, InAnotherStoreIsNobody) {
    EXPECT_EQ(code_of(mall.desk.call("show_me", customer_of(mall.other, ada))), "unauthenticated");
}

TEST_F(Me, IsKnownBeforeAnyRowIsWritten) {
    const auto made =
        mall.identity.sign_up({mall.store}, "bob@example.com", "correct horse", "Bob");
    ASSERT_TRUE(mall.identity.confirm_sign_up({mall.store}, "bob@example.com", made->code.code));
    const Caller bob = customer_of(mall.store, made->code.user);
    EXPECT_EQ(json_of(mall.desk.call("show_me", bob)).root()["version"].integer_or(-1), 0);
    const auto answer = json_of(mall.desk.call("update_me", if_match(bob, 0), R"({"phone":"1"})"));
    EXPECT_EQ(answer.root()["version"].integer_or(-1), 1);
}

TEST_F(Me, OfStaffIsTheAccount) {
    const auto root = mall.users.create_platform_admin("root@example.com", password, "Root");
    ASSERT_TRUE(root);
    const auto answer = mall.desk.call("show_staff_me", account(root->user));
    EXPECT_EQ(answer->text(),
              cat(R"({"id":")", root->user.text(), R"(","email":"root@example.com","name":"Root",)",
                  R"("platform_admin":true,"totp":false})"));
    EXPECT_EQ(code_of(mall.desk.call("show_staff_me", account(ada))), "unauthenticated");
}

}  // namespace
}  // namespace souk::testing
