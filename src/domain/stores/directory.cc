#include "domain/base/text.h"
#include "domain/stores/stores.h"

namespace souk::stores {

Result<Store> Stores::store(const StoreId& id) const { return repository(id).settings(); }

Result<std::optional<StoreId>> Stores::resolve(std::string_view id_or_slug) const {
    if (auto id = StoreId::parse(id_or_slug)) {
        const bool exists = TRY(repository(*id).exists());
        return exists ? std::optional(*std::move(id)) : std::nullopt;
    }
    // What cannot be a slug is not worth a read, nor fit for a row's key.
    return is_slug(id_or_slug, slug_length_max) ? index_.with_slug(id_or_slug) : std::nullopt;
}

Result<std::optional<Role>> Stores::role_of(const StoreId& store, const UserId& user) const {
    const auto member = TRY(repository(store).find_member(user));
    return member ? std::optional(member->role) : std::nullopt;
}

Result<std::optional<ApiKeyGrant>> Stores::api_key(std::string_view secret) const {
    return is_secret(secret) ? index_.opened_by(secret, environment().crypto) : std::nullopt;
}

}  // namespace souk::stores
