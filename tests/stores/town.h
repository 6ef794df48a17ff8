#pragma once

#include "adapters/memory_identity/memory_identity.h"
#include "domain/stores/routes.h"
#include "domain/users/users.h"
#include "stores/desk.h"

namespace souk::testing {

/// Stores, staff and their routes on one ledger in memory.
struct Town {
    TestEnvironment setting;
    MemoryLedger ledger{setting.clock};
    MemoryIdentity identity{setting.environment()};
    users::Users users{ServiceLedger(ledger, "users", setting.environment()),
                       AllStores::granted_by_composition_root(), identity};
    stores::Stores stores{ServiceLedger(ledger, "stores", setting.environment()),
                          AllStores::granted_by_composition_root(), users};
    Desk desk{stores::routes(stores)};

    /// A confirmed staff account.
    UserId staff(std::string_view email) {
        const auto made = identity.sign_up({}, email, "correct horse", "Ada");
        CHECK(made.has_value());
        return confirmed(made->code.email, made->code.code);
    }
    UserId confirmed(const std::string& email, const std::string& code) {
        const auto account = identity.confirm_sign_up({}, email, code);
        CHECK(account.has_value());
        return account->user;
    }

    Result<Response> create(const UserId& owner, std::string_view slug) {
        return desk.call("create_store", account(owner),
                         cat(R"({"slug":")", slug, R"(","name":"A shop","currency":"EUR"})"));
    }
    std::optional<StoreId> with_domain(std::string_view host) const {
        const stores::StoreIndex index(
            stores.ledger().platform(AllStores::granted_by_composition_root()));
        return index.with_domain(host).value();
    }
    StoreId open(const UserId& owner, std::string_view slug) {
        return StoreId::trusted(member_of(create(owner, slug), "id"));
    }
    /// A fresh account with that role, put there by the owner.
    UserId joined(const StoreId& store, const UserId& owner, std::string_view email, Role role) {
        const UserId user = staff(email);
        const auto added = add(staff_of(store, owner, Role::owner), email, role);
        EXPECT_TRUE(added) << code_of(added);
        return user;
    }
    Result<Response> add(const Caller& caller, std::string_view email, Role role) const {
        return desk.call("add_member", caller,
                         cat(R"({"email":")", email, R"(","role":")", name_of(role), R"("})"));
    }
    Result<Response> set_role(const Caller& caller, const UserId& user, Role role) const {
        return desk.call("change_member", caller, cat(R"({"role":")", name_of(role), R"("})"),
                         {{"user", user.text()}});
    }
    Result<Response> remove(const Caller& caller, const UserId& user) const {
        return desk.call("remove_member", caller, {}, {{"user", user.text()}});
    }
    Result<Response> update(const Caller& caller, std::string_view body) const {
        return desk.call("update_store", caller, body);
    }
    Result<Response> make_key(const Caller& caller, std::string_view scopes) const {
        return desk.call("create_api_key", caller,
                         cat(R"({"name":"Robot","scopes":)", scopes, "}"));
    }
    std::optional<StoreId> resolved(std::string_view text) const {
        const auto id = stores.resolve(text);
        EXPECT_TRUE(id);
        return id ? *id : std::nullopt;
    }
};

}  // namespace souk::testing
