#include "apps/services/store_cache.h"

namespace souk::app {

namespace {

std::size_t bytes_of_store(const stores::Store& store) {
    std::size_t bytes = sizeof(store) + store.slug.size() + store.name.size();
    for (const auto& domain : store.domains) {
        bytes += sizeof(std::string) + domain.size();
    }
    for (const auto& method : store.shipping_methods) {
        bytes += sizeof(method) + method.id.size() + method.name.size();
    }
    return bytes;
}

std::size_t bytes_of_id(const StoreId& id) { return sizeof(id) + id.text().size(); }

}  // namespace

Result<stores::Store> StoreCache::store(const StoreId& id) const {
    const auto make = [&]() -> Result<std::optional<stores::Store>> {
        return TRY(directory_.store(id));
    };
    return *TRY(settings_.find_or_make(id.text(), make, bytes_of_store));
}

Result<std::optional<StoreId>> StoreCache::resolve(std::string_view id_or_slug) const {
    return ids_.find_or_make(
        std::string(id_or_slug), [&] { return directory_.resolve(id_or_slug); }, bytes_of_id);
}

}  // namespace souk::app
