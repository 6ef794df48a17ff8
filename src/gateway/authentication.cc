#include "gateway/authentication.h"

#include "domain/base/text.h"

namespace souk::gateway {

namespace {

std::unexpected<Error> refused() {
    return fail(souk::errors::unauthenticated,
                "The credential is missing, expired or not for this store.");
}

std::vector<Permission> permissions_of(Role role) {
    std::vector<Permission> granted;
    for (const Permission permission : all_permissions()) {
        if (grants(role, permission)) {
            granted.push_back(permission);
        }
    }
    return granted;
}

Result<Principal> by_key(std::string_view secret, const std::optional<StoreId>& store,
                         const Tenants& tenants) {
    const auto key = TRY(tenants.api_key(secret));
    if (!key || (store && *store != key->store)) {
        return refused();
    }
    Principal principal;
    principal.kind = Principal::Kind::api_key;
    principal.id = key->id.text();
    if (store) {
        principal.permissions = key->scopes;
    }
    return principal;
}

Result<Principal> by_token(std::string_view token, const std::optional<StoreId>& store,
                           Identity& identity, const Tenants& tenants) {
    const auto claims = identity.verify(token);
    if (!claims) {
        if (claims.error().code == souk::errors::invalid_token) {
            return refused();
        }
        return fail(claims.error());
    }
    Principal principal;
    principal.id = claims->user.text();
    principal.email = claims->email;
    if (claims->realm.store) {
        if (!store || *store != *claims->realm.store) {
            return refused();  // A customer's token means nothing outside its store.
        }
        principal.kind = Principal::Kind::customer;
        return principal;
    }
    principal.kind =
        claims->platform_admin ? Principal::Kind::platform_admin : Principal::Kind::staff;
    if (store) {
        principal.role = TRY(tenants.role_of(*store, claims->user));
        if (principal.role) {
            principal.kind = Principal::Kind::staff;
            principal.permissions = permissions_of(*principal.role);
        }
    }
    return principal;
}

bool admitted(const Route& route, const Principal& principal) {
    const Audiences& a = route.audiences;
    switch (principal.kind) {
        case Principal::Kind::guest: return false;
        case Principal::Kind::customer: return a.customer;
        case Principal::Kind::api_key:
            return a.staff && principal.may(route.permission) && !principal.permissions.empty();
        case Principal::Kind::staff:
            return a.account || (a.staff && principal.role && principal.may(route.permission));
        case Principal::Kind::platform_admin: return a.platform || a.account;
    }
    return false;
}

}  // namespace

Result<Principal> authenticate(const Request& request, const std::optional<StoreId>& store,
                               Identity& identity, const Tenants& tenants) {
    const std::string_view header = request.header("authorization");
    if (header.empty()) {
        return Principal{};
    }
    constexpr std::string_view scheme = "bearer ";
    if (!ascii_equal_ignoring_case(header.substr(0, scheme.size()), scheme)) {
        return refused();
    }
    const std::string_view credential = trimmed(header.substr(scheme.size()));
    return credential.starts_with("sk_") ? by_key(credential, store, tenants)
                                         : by_token(credential, store, identity, tenants);
}

Result<void> authorise(const Route& route, const Principal& principal) {
    if (route.audiences.anyone || admitted(route, principal)) {
        return {};
    }
    if (principal.kind == Principal::Kind::guest) {
        return refused();
    }
    return fail(souk::errors::forbidden, "This credential does not allow that.");
}

}  // namespace souk::gateway
