#include "apps/services/tenant_wiring.h"

#include <algorithm>

namespace souk::app {

Result<std::optional<gateway::Tenants::Standing>> StoreTenants::store(
    std::string_view id_or_slug) const {
    // An id needs no look for what it means: on DynamoDB each read of a store's one row counts.
    const auto named = StoreId::parse(id_or_slug);
    const auto id = named ? std::optional(*named) : TRY(directory_.resolve(id_or_slug));
    if (!id) {
        return std::nullopt;
    }
    const auto found = directory_.store(*id);
    if (!found) {
        if (found.error().code == souk::errors::not_found) {
            return std::nullopt;
        }
        return fail(found.error());
    }
    return Standing{*id, found->status == stores::Status::open};
}

Result<std::optional<Role>> StoreTenants::role_of(const StoreId& store, const UserId& user) const {
    return directory_.role_of(store, user);
}

Result<std::optional<gateway::Tenants::Key>> StoreTenants::api_key(std::string_view secret) const {
    auto grant = TRY(directory_.api_key(secret));
    if (!grant) {
        return std::nullopt;
    }
    return Key{grant->store, grant->key, std::move(grant->scopes)};
}

Result<bool> StoreTenants::serves_host(const StoreId& store, std::string_view host) const {
    const auto settings = TRY(directory_.store(store));
    return std::ranges::find(settings.domains, host) != settings.domains.end();
}

}  // namespace souk::app
