#include "domain/base/text.h"
#include "domain/products/products.h"

namespace souk::products {

namespace {

Offer offer_of(const Holding& holding, const Stock& stock, const stores::Store& store) {
    const auto& [product, variant] = holding;
    Offer offer{.sku = variant.sku,
                .product = product.id,
                .variant = variant.id,
                .title = product.title,
                .unit_price = variant.price};
    if (product.variants.size() > 1) {
        offer.title = cat(product.title, " / ", shown_title(variant));
    }
    offer.sellable = is_public(product, store);
    offer.tracked = variant.stock == StockPolicy::tracked;
    offer.available = offer.tracked ? stock.available : 0;
    offer.weight_grams = variant.weight_grams;
    return offer;
}

}  // namespace

Result<std::vector<std::optional<Offer>>> Products::offers(
    const StoreId& store, const std::vector<std::string>& skus) const {
    const auto settings = TRY(stores_.store(store));
    const ProductRepository rows = repository(store);
    const auto holdings = TRY(rows.find_all_by_sku(skus));
    std::vector<VariantId> variants;
    for (const auto& holding : holdings) {
        if (holding) {
            variants.push_back(holding->variant.id);
        }
    }
    const auto stocks = TRY(rows.stocks(variants));
    std::vector<std::optional<Offer>> offers;
    std::size_t next_stock = 0;
    for (const auto& holding : holdings) {
        if (holding) {
            offers.emplace_back(offer_of(*holding, stocks[next_stock++], settings));
        } else {
            offers.emplace_back();
        }
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
