#include "apps/services/offer_cache.h"

#include "domain/base/text.h"

namespace souk::app {

namespace {

std::size_t bytes_of(const products::Offer& offer) {
    return sizeof(offer) + offer.sku.size() + offer.title.size() + offer.product.text().size() +
           offer.variant.text().size();
}

}  // namespace

Result<std::vector<std::optional<products::Offer>>> OfferCache::offers(
    const StoreId& store, const std::vector<std::string>& skus) const {
    std::vector<std::optional<products::Offer>> found;
    found.reserve(skus.size());
    for (const auto& sku : skus) {
        // One by one, so that each offer depends on its own rows alone.
        const auto make = [&]() -> Result<std::optional<products::Offer>> {
            return std::move(TRY(catalog_.offers(store, {sku})).front());
        };
        found.push_back(TRY(kept_.find_or_make(cat(store.text(), '\n', sku), make, bytes_of)));
    }
    return found;
}

}  // namespace souk::app
