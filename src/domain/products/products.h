#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/media.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/categories.h"
#include "domain/products/contract.h"
#include "domain/products/imports.h"
#include "domain/products/inventory.h"
#include "domain/products/listing.h"
#include "domain/products/product_editor.h"
#include "domain/products/product_repository.h"
#include "domain/products/uploads.h"
#include "domain/stores/contract.h"

namespace souk::products {

/// What a list is asked for.
struct ListQuery {
    std::optional<std::string> category = {};  // An id or a handle.
    std::optional<std::string> tag = {};
    std::vector<std::string> terms = {};  // All of them must be found.
    std::optional<std::int64_t> price_min = {};
    std::optional<std::int64_t> price_max = {};
    std::optional<bool> in_stock = {};
    std::optional<Status> status = {};  // Of staff; others see published products alone.
    SortBy sort = SortBy::created;
    Direction direction = Direction::backward;
    int limit = 20;
    std::string cursor = {};
};
struct ListPage {
    std::vector<ProductView> items;
    std::optional<std::string> next_cursor;
};

/// The catalogue: products, their variants, and what siblings may ask of them. A product is named
/// by its id or its handle; to a caller who may not see it, it is not_found.
class Products final : public Catalog {
public:
    Products(ServiceLedger ledger, AllStores all_stores, const stores::StoreDirectory& stores,
             Media& media);

    /// Errors: validation_failed, handle_taken, sku_taken, product_too_large.
    [[nodiscard]] Result<Change<ProductView>> create(const Caller& caller,
                                                     const ProductPatch& command) const;
    /// What shoppers see of an approved product (title, description, media) changed by somebody who
    /// may not approve needs approval again, where the store requires it. A patch that changes
    /// nothing is no new version. Errors: those of `create`, not_found, version_mismatch.
    [[nodiscard]] Result<Change<ProductView>> change(const Caller& caller, std::string_view product,
                                                     const ProductPatch& command) const;
    /// Any status may follow any. Errors: no_variants. Repeat: a second time it changes nothing.
    [[nodiscard]] Result<Change<ProductView>> set_status(const Caller& caller,
                                                         std::string_view product,
                                                         Status status) const;
    [[nodiscard]] Result<Change<ProductView>> approve(const Caller& caller,
                                                      std::string_view product) const;
    /// The product as it was. Open orders keep their lines; their stock leaves with the variants.
    [[nodiscard]] Result<Change<ProductView>> remove(const Caller& caller,
                                                     std::string_view product) const;

    [[nodiscard]] Result<Change<ProductView>> add_variant(const Caller& caller,
                                                          std::string_view product,
                                                          const VariantPatch& command) const;
    [[nodiscard]] Result<Change<ProductView>> change_variant(const Caller& caller,
                                                             std::string_view product,
                                                             const VariantId& variant,
                                                             const VariantPatch& command) const;
    /// Errors: last_variant (of a published product).
    [[nodiscard]] Result<Change<ProductView>> remove_variant(const Caller& caller,
                                                             std::string_view product,
                                                             const VariantId& variant) const;

    [[nodiscard]] Result<ProductView> product(const Caller& caller, std::string_view product) const;
    /// At most page_rows_max list rows are looked at for one page; one that filters much may be
    /// short, or even empty, and still have a next cursor. Errors: invalid_cursor.
    [[nodiscard]] Result<ListPage> list(const Caller& caller, const ListQuery& query) const;

    Result<std::vector<std::optional<Offer>>> offers(
        const StoreId& store, const std::vector<std::string>& skus) const override;
    Result<std::optional<std::string>> sku_of(const StoreId& store,
                                              const VariantId& variant) const override;

    /// Tidies up after a committed change that was too large for one commit.
    Result<void> finish(const StoreId& store, const ProductId& product) const;
    /// The same for changes that were cut short, and imports that got no further are announced
    /// anew; a bounded batch. Returns how many were settled: what fails is no reason to begin again
    /// at once.
    [[nodiscard]] Result<int> sweep(Instant now) const;

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }
    [[nodiscard]] const Media& media() const { return media_; }
    [[nodiscard]] const stores::StoreDirectory& stores() const { return stores_; }
    [[nodiscard]] const Inventory& inventory() const { return inventory_; }
    [[nodiscard]] const Categories& categories() const { return categories_; }
    [[nodiscard]] const Uploads& uploads() const { return uploads_; }
    [[nodiscard]] const Imports& imports() const { return imports_; }

private:
    [[nodiscard]] ProductRepository repository(const StoreId& store) const {
        return ProductRepository(ledger_.store(store));
    }
    [[nodiscard]] Result<Product> find(const StoreId& store, std::string_view product) const;
    [[nodiscard]] Result<Product> find_for_change(const Caller& caller,
                                                  std::string_view product) const;

    ServiceLedger ledger_;
    PlatformLedger platform_;
    const stores::StoreDirectory& stores_;
    Media& media_;
    ProductEditor editor_;
    Inventory inventory_;
    Categories categories_;
    Uploads uploads_;
    Imports imports_;
};

}  // namespace souk::products
