#include "domain/ports/caller.h"

#include <algorithm>
#include <array>

#include "domain/base/names.h"
#include "domain/base/text.h"

namespace souk {

namespace {

struct PermissionRow {
    Permission permission;
    std::string_view name;
    // Who is granted it. The owner may do everything.
    bool admin, catalog, orders, support;
};

constexpr std::array permission_table = std::to_array<PermissionRow>({
    {Permission::store_read, "store:read", true, true, true, true},
    {Permission::store_write, "store:write", true, false, false, false},
    {Permission::members_write, "members:write", true, false, false, false},
    {Permission::api_keys_write, "api_keys:write", true, false, false, false},
    {Permission::catalog_read, "catalog:read", true, true, true, true},
    {Permission::catalog_write, "catalog:write", true, true, false, false},
    {Permission::catalog_approve, "catalog:approve", true, false, false, false},
    {Permission::inventory_read, "inventory:read", true, true, true, true},
    {Permission::inventory_write, "inventory:write", true, true, true, false},
    {Permission::orders_read, "orders:read", true, false, true, true},
    {Permission::orders_write, "orders:write", true, false, true, false},
    {Permission::webhooks_write, "webhooks:write", true, false, false, false},
    {Permission::notifications_read, "notifications:read", true, false, true, true},
});

constexpr Names<Role, 5> role_table{{
    {Role::owner, "owner"},
    {Role::admin, "admin"},
    {Role::catalog, "catalog"},
    {Role::orders, "orders"},
    {Role::support, "support"},
}};

}  // namespace

std::string_view name_of(Role role) { return name_in(role_table, role); }

std::optional<Role> role_named(std::string_view name) { return value_in(role_table, name); }

std::string_view name_of(Permission permission) {
    const auto* row = std::ranges::find(permission_table, permission, &PermissionRow::permission);
    return row == permission_table.end() ? std::string_view{} : row->name;
}

std::optional<Permission> permission_named(std::string_view name) {
    const auto* row = std::ranges::find(permission_table, name, &PermissionRow::name);
    return row == permission_table.end() ? std::nullopt : std::optional(row->permission);
}

bool grants(Role role, Permission permission) {
    if (permission == Permission::none) {
        return true;
    }
    const auto* row = std::ranges::find(permission_table, permission, &PermissionRow::permission);
    switch (role) {
        case Role::owner: return true;
        case Role::admin: return row->admin;
        case Role::catalog: return row->catalog;
        case Role::orders: return row->orders;
        case Role::support: return row->support;
    }
    return false;
}

std::vector<Permission> all_permissions() {
    std::vector<Permission> all;
    for (const auto& row : permission_table) {
        all.push_back(row.permission);
    }
    return all;
}

bool Principal::may(Permission permission) const {
    return permission == Permission::none ||
           std::ranges::find(permissions, permission) != permissions.end();
}

Caller system_caller(const StoreId& store, std::string_view traceparent) {
    Caller caller;
    caller.store = store;
    caller.principal.kind = Principal::Kind::staff;
    caller.principal.id = "system";
    caller.principal.permissions = all_permissions();
    caller.traceparent = traceparent;
    return caller;
}

Error stale_version(std::uint64_t current) {
    return Error{errors::version_mismatch,
                 cat("It has changed; its version is now ", current, "."),
                 {},
                 {{"current_version", cat(current)}}};
}

Result<void> check_version(const Caller& caller, std::uint64_t current) {
    if (caller.if_match && std::ranges::find(*caller.if_match, current) == caller.if_match->end()) {
        return fail(stale_version(current));
    }
    return {};
}

}  // namespace souk
