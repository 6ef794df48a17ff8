#pragma once

#include <string>
#include <vector>

#include "domain/products/contract.h"
#include "gateway/watched_cache.h"

namespace souk::app {

/// A catalogue that keeps what was offered last, each SKU until a commit touches a row that its
/// offer was made from: a cart asks for the offers of all its lines at every step. Thread-safe.
class OfferCache final : public products::Catalog {
public:
    /// The catalogue reads through a TrackedLedger of the same epochs. Both outlive this.
    OfferCache(const products::Catalog& catalog, const gateway::CommitEpochs& epochs,
               std::size_t bytes_max)
        : catalog_(catalog), kept_(epochs, bytes_max) {}

    [[nodiscard]] Result<std::vector<std::optional<products::Offer>>> offers(
        const StoreId& store, const std::vector<std::string>& skus) const override;
    [[nodiscard]] Result<std::optional<std::string>> sku_of(
        const StoreId& store, const VariantId& variant) const override {
        return catalog_.sku_of(store, variant);
    }

private:
    const products::Catalog& catalog_;
    mutable gateway::WatchedCache<products::Offer> kept_;
};

}  // namespace souk::app
