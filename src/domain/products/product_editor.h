#pragma once

#include <string_view>
#include <vector>

#include "domain/ports/media.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/product_changes.h"
#include "domain/products/product_patch.h"
#include "domain/products/product_repository.h"
#include "domain/stores/contract.h"

namespace souk::products {

/// A product with the stock of its variants, in their order.
struct ProductView {
    Product product;
    std::vector<Stock> stocks;
    bool untidy = false;  // Whether a tidy should follow the commit.
};

/// Whether shoppers may see and buy it.
[[nodiscard]] bool is_public(const Product& product, const stores::Store& store);

/// What a change brings along: writes for the same commit, and pictures that are known to be there.
struct EditContext {
    Changes with = {};
    Pictures pictures = {};
    std::optional<Instant> created_at = std::nullopt;  // Nothing: now.
};

/// How any change of the catalogue is decided, whether a person or an import asks for it: gathers
/// what the patch refers to, applies it, and says what to commit. Each verb may have to be run
/// again: see `rerun`.
class ProductEditor {
public:
    ProductEditor(const ServiceLedger& ledger, const stores::StoreDirectory& stores, Media& media)
        : ledger_(ledger), stores_(stores), media_(media) {}

    /// Errors: validation_failed, handle_taken, sku_taken, product_too_large.
    [[nodiscard]] Result<Change<ProductView>> create(const Caller& caller, ProductPatch patch,
                                                     EditContext context = {}) const;
    [[nodiscard]] Result<Change<ProductView>> change(const Caller& caller, const Product& before,
                                                     const ProductPatch& patch,
                                                     EditContext context = {}) const;
    /// Commits what was decided elsewhere. `before` is nothing for a new product.
    [[nodiscard]] Result<Change<ProductView>> replace(const Caller& caller,
                                                      const std::optional<Product>& before,
                                                      Patched after, Changes with) const;
    [[nodiscard]] Result<Change<ProductView>> remove(const Caller& caller,
                                                     const Product& product) const;

private:
    [[nodiscard]] Result<Change<ProductView>> replace(const Caller& caller,
                                                      const stores::Store& store,
                                                      const std::optional<Product>& before,
                                                      Patched after, Changes with) const;
    [[nodiscard]] Result<std::string> free_handle(const StoreLedger& rows, std::string_view title,
                                                  const ProductId& id) const;
    Result<void> find_pictures(const StoreLedger& rows, const Product& before,
                               const ProductPatch& patch, Pictures& pictures,
                               std::vector<FieldError>& mistakes) const;
    Result<void> check_categories(const StoreLedger& rows, const Product& before,
                                  const ProductPatch& patch, Changes& with,
                                  std::vector<FieldError>& mistakes) const;

    const ServiceLedger& ledger_;
    const stores::StoreDirectory& stores_;
    Media& media_;
};

}  // namespace souk::products
