#include "users/mall.h"

namespace souk::testing {
namespace {

TEST(People, OfAStoresCustomersAreNoStaff) {
    Mall mall;
    const UserId ada = mall.customer(mall.store, "ada@example.com");
    EXPECT_FALSE(mall.users.staff(ada).value());
}

TEST(People, OfTheStaffAreFoundByEmailInAnyCase) {
    Mall mall;
    const auto made = mall.users.create_platform_admin("Root@Example.com", password, "Root");
    ASSERT_TRUE(made);
    const auto found = mall.users.staff_by_email("rOOt@example.com").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, made->user);
    EXPECT_EQ(mall.users.staff(made->user).value()->email, "root@example.com");
}

TEST(People, OfTheStaffCountOnceConfirmed) {
    Mall mall;
    const auto made = mall.identity.sign_up({}, "new@example.com", password, "New");
    EXPECT_FALSE(mall.users.staff_by_email("new@example.com").value());
    EXPECT_FALSE(mall.users.staff(made->code.user).value());
}

TEST(People, ThatNobodyKnowsAreNobody) {
    Mall mall;
    EXPECT_FALSE(mall.users.staff_by_email("no@example.com").value());
    EXPECT_FALSE(mall.users.staff_by_email("").value());
}

TEST(PlatformAdmin, IsConfirmedAndAnnouncedOnce) {
    Mall mall;
    EXPECT_TRUE(mall.users.create_platform_admin("root@example.com", password, "Root"));
    const auto again =
        mall.users.create_platform_admin("root@example.com", "battery staple", "Root");
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->confirmed);
    EXPECT_TRUE(again->platform_admin);
    EXPECT_EQ(events_of(mall.ledger, users::confirmed_event).size(), 1U);
    EXPECT_TRUE(mall.desk.call("staff_sign_in", guest_of(std::nullopt),
                               Mall::sign_in_body("root@example.com", "battery staple")));
}

// The bug: a new password renamed the account after its e-mail.
TEST(PlatformAdmin, KeepsItsNameWhenNoneIsGiven) {
    Mall mall;
    ASSERT_TRUE(mall.users.create_platform_admin("ann@example.com", password, "Ann Admin"));
    const auto again = mall.users.create_platform_admin("Ann@example.com", password, "");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->name, "Ann Admin");
    const auto other = mall.users.create_platform_admin("bob@example.com", password, "");
    ASSERT_TRUE(other);
    EXPECT_EQ(other->name, "bob");
}

TEST(PlatformAdmin, NeedsAnEmailAShortNameAndAGoodPassword) {
    Mall mall;
    const auto before = snapshot(mall.ledger);
    const auto bad = mall.users.create_platform_admin("root", password, std::string(1000, 'x'));
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().fields.size(), 2U);
    const auto weak = mall.users.create_platform_admin("root@example.com", "short", "Root");
    ASSERT_FALSE(weak);
    EXPECT_EQ(weak.error().code, errors::weak_password);
    EXPECT_EQ(snapshot(mall.ledger), before);
    EXPECT_FALSE(mall.users.staff_by_email("root@example.com").value());
}

}  // namespace
}  // namespace souk::testing
