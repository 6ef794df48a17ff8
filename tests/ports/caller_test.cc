#include "domain/ports/caller.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace souk {
namespace {

const StoreId store = StoreId::trusted("store_01ARYZ6S410000000000000000");

TEST(Roles, GrantWhatTheTableSaysAndNothingElse) {
    using P = Permission;
    const std::map<Role, std::set<Permission>> granted{
        {Role::admin,
         {P::store_read, P::store_write, P::members_write, P::api_keys_write, P::catalog_read,
          P::catalog_write, P::catalog_approve, P::inventory_read, P::inventory_write,
          P::orders_read, P::orders_write, P::webhooks_write, P::notifications_read}},
        {Role::catalog,
         {P::store_read, P::catalog_read, P::catalog_write, P::inventory_read, P::inventory_write}},
        {Role::orders,
         {P::store_read, P::catalog_read, P::inventory_read, P::inventory_write, P::orders_read,
          P::orders_write, P::notifications_read}},
        {Role::support,
         {P::store_read, P::catalog_read, P::inventory_read, P::orders_read,
          P::notifications_read}},
    };
    for (const Permission permission : all_permissions()) {
        EXPECT_TRUE(grants(Role::owner, permission)) << name_of(permission);
        for (const auto& [role, permissions] : granted) {
            EXPECT_EQ(grants(role, permission), permissions.contains(permission))
                << name_of(role) << " " << name_of(permission);
        }
    }
}

TEST(Roles, AllGrantWhatNeedsNoPermission) {
    for (const Role role : {Role::owner, Role::admin, Role::catalog, Role::orders, Role::support}) {
        EXPECT_TRUE(grants(role, Permission::none));
    }
}

TEST(Roles, AreNamedBothWays) {
    for (const Role role : {Role::owner, Role::admin, Role::catalog, Role::orders, Role::support}) {
        EXPECT_EQ(role_named(name_of(role)), role);
    }
    for (const char* name : {"", "Owner", "root"}) {
        EXPECT_FALSE(role_named(name)) << name;
    }
}

TEST(Permissions, AreNamedBothWays) {
    const auto all = all_permissions();
    EXPECT_EQ(all.size(), static_cast<std::size_t>(Permission::notifications_read));
    for (const Permission permission : all) {
        EXPECT_EQ(permission_named(name_of(permission)), permission);
    }
    EXPECT_EQ(name_of(Permission::none), "");
    for (const char* name : {"", "catalog", "catalog_write", "none"}) {
        EXPECT_FALSE(permission_named(name)) << name;
    }
}

TEST(Principal, MayWhatItWasGivenOnly) {
    Principal principal;
    EXPECT_TRUE(principal.may(Permission::none));
    EXPECT_FALSE(principal.may(Permission::orders_read));
    principal.permissions = {Permission::orders_read};
    EXPECT_TRUE(principal.may(Permission::orders_read));
    EXPECT_FALSE(principal.may(Permission::orders_write));
}

TEST(Principal, IsStaffAsAMemberOrAnApiKey) {
    using Kind = Principal::Kind;
    for (const auto& [kind, staff] : std::map<Kind, bool>{{Kind::guest, false},
                                                          {Kind::customer, false},
                                                          {Kind::staff, true},
                                                          {Kind::api_key, true},
                                                          {Kind::platform_admin, false}}) {
        Principal principal;
        principal.kind = kind;
        EXPECT_EQ(principal.is_staff(), staff);
    }
}

TEST(SystemCaller, MayEverythingInItsStore) {
    const Caller caller = system_caller(store, "00-1-2-01");
    EXPECT_EQ(caller.in_store(), store);
    EXPECT_EQ(caller.traceparent, "00-1-2-01");
    EXPECT_FALSE(caller.idempotency);
    for (const Permission permission : all_permissions()) {
        EXPECT_TRUE(caller.may(permission));
    }
}

TEST(CallerDeathTest, HasNoStoreOutsideOfOne) {
    EXPECT_DEATH(static_cast<void>(Caller{}.in_store()), "CHECK failed");
}

TEST(CheckVersion, AcceptsTheVersionNamedOrNone) {
    Caller caller;
    EXPECT_TRUE(check_version(caller, 7));
    caller.if_match = std::vector<std::uint64_t>{7};
    EXPECT_TRUE(check_version(caller, 7));
}

TEST(CheckVersion, RefusesAnotherAndTellsTheCurrentOne) {
    Caller caller;
    caller.if_match = std::vector<std::uint64_t>{6};
    const auto result = check_version(caller, 7);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, errors::version_mismatch);
    ASSERT_EQ(result.error().members.size(), 1U);
    EXPECT_EQ(result.error().members.front(),
              (std::pair<std::string, std::string>("current_version", "7")));
}

}  // namespace
}  // namespace souk
