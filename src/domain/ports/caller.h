#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/id.h"
#include "domain/base/instant.h"

/// Who asks, in which store, and what they may do there.
namespace souk {

/// A staff member's role in one store.
enum class Role { owner, admin, catalog, orders, support };

/// What a staff route demands; roles grant sets of them, API keys carry them as scopes
/// ("catalog:write").
enum class Permission {
    none,
    store_read,
    store_write,
    members_write,
    api_keys_write,
    catalog_read,
    catalog_write,
    catalog_approve,
    inventory_read,
    inventory_write,
    orders_read,
    orders_write,
    webhooks_write,
    notifications_read,
};

[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::optional<Role> role_named(std::string_view name);
/// "catalog:write"; scopes of API keys use these names. Empty for none.
[[nodiscard]] std::string_view name_of(Permission permission);
[[nodiscard]] std::optional<Permission> permission_named(std::string_view name);
/// The one table of roles and what they grant.
[[nodiscard]] bool grants(Role role, Permission permission);
[[nodiscard]] std::vector<Permission> all_permissions();

/// Who a request's credential belongs to.
struct Principal {
    enum class Kind { guest, customer, staff, api_key, platform_admin };
    Kind kind = Kind::guest;
    /// user_… (customer, staff, platform_admin) or key_… (api_key); empty for a guest.
    std::string id;
    std::string email;  // As verified by the token; empty when it does not say.
    /// What this principal may do in the request's store; empty for guests and customers.
    std::vector<Permission> permissions;
    std::optional<Role> role;  // Staff in the request's store.

    [[nodiscard]] bool may(Permission permission) const;
    [[nodiscard]] bool is_staff() const { return kind == Kind::staff || kind == Kind::api_key; }
};

/// The Idempotency-Key of a POST, already hashed with what it is scoped to (store, caller, route).
struct Idempotency {
    std::string scope;        // 64 hex digits: names the record.
    std::string fingerprint;  // 64 hex digits: of the method, the path and the body.
    std::string
        seal_key;  // 32 bytes made from the key itself; what a record's answer is sealed with.
};

/// The first argument of every verb.
struct Caller {
    std::optional<StoreId> store;  // Set on every route below /v1/stores/{store}.
    Principal principal;
    std::string request_id;
    std::string traceparent;
    std::optional<Idempotency> idempotency;
    /// From If-Match: the versions that the caller would change; usually the one it saw.
    std::optional<std::vector<std::uint64_t>> if_match;

    /// The store of a store route. Requires that it is set.
    [[nodiscard]] const StoreId& in_store() const {
        CHECK(store.has_value());
        return *store;
    }
    [[nodiscard]] bool may(Permission permission) const { return principal.may(permission); }
};

/// The caller of reactions, sweeps and commands of the operator: trusted, in one store.
[[nodiscard]] Caller system_caller(const StoreId& store, std::string_view traceparent);

/// A version_mismatch error that carries `current_version`; `If-Match` answers 412 with it.
[[nodiscard]] Error stale_version(std::uint64_t current);
/// Errors: version_mismatch when the caller named versions and `current` is none of them.
[[nodiscard]] Result<void> check_version(const Caller& caller, std::uint64_t current);

}  // namespace souk
