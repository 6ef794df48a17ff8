#include "domain/base/text.h"
#include "domain/products/limits.h"
#include "domain/products/products.h"

namespace souk::products {

namespace {

static_assert(offer_title_max == title_max + options_max * (3 + option_value_max) &&
              variant_title_max <= option_value_max);

Offer offer_of(const Holding& holding, const stores::Store& store) {
    const Product& product = *holding.product;
    const Variant& variant = *holding.variant;
    Offer offer{.sku = variant.sku,
                .product = product.id,
                .variant = variant.id,
                .title = product.title,
                .unit_price = variant.price,
                .sellable = is_public(product, store)};
    if (product.variants.size() > 1) {
        offer.title = cat(product.title, " / ", shown_title(variant));
    }
    return offer;
}

}  // namespace

Result<std::vector<std::optional<Offer>>> Products::offers(
    const StoreId& store, const std::vector<std::string>& skus) const {
    const auto settings = TRY(stores_.store(store));
    const auto holdings = TRY(repository(store).find_all_by_sku(skus));
    std::vector<std::optional<Offer>> offers;
    offers.reserve(holdings.size());
    for (const auto& holding : holdings) {
        offers.push_back(holding ? std::optional(offer_of(*holding, settings)) : std::nullopt);
    }
    return offers;
}

Result<std::optional<std::string>> Products::sku_of(const StoreId& store,
                                                    const VariantId& variant) const {
    const auto product = TRY(repository(store).find(product_of(variant)));
    const Variant* found = product ? product->variant(variant) : nullptr;
    return found == nullptr ? std::nullopt : std::optional(found->sku);
}

}  // namespace souk::products
