#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/store_ledger.h"
#include "domain/products/product.h"
#include "domain/products/stock.h"

/// One store's products as rows:
///     product#{id}    product   the product with its variants (JSON, versioned)
///     product#{id}    surplus#{change}  rows that a change left over, to be tidied (see
///     product_changes.h) handle#{handle} owner     which product has the handle sku#{sku} owner
///     which product and variant have the SKU stock#{variant} stock     the counters; kept apart
///     from the SKU so that renaming it moves no stock stock#{variant} adjustment#{id} list#… see
///     listing.h
namespace souk::products {

[[nodiscard]] std::string encode_product(const Product& product);
/// Errors: corrupt_row.
[[nodiscard]] Result<Product> decode_product(const StoreRow& row);

[[nodiscard]] StoreKey product_key(const ProductId& id);
[[nodiscard]] StoreKey surplus_key(const ProductId& id, std::string_view change);
[[nodiscard]] StoreKey handle_key(std::string_view handle);
[[nodiscard]] StoreKey sku_key(std::string_view sku);
[[nodiscard]] StoreKey stock_key(const VariantId& id);

/// Who has a SKU.
struct SkuOwner {
    ProductId product;
    VariantId variant;
    std::uint64_t row_version = 0;
};
[[nodiscard]] std::string encode_owner(const ProductId& product, const VariantId& variant);
/// Who has a handle: a product, whatever its variants.
[[nodiscard]] std::string encode_owner(const ProductId& product);
[[nodiscard]] Result<SkuOwner> decode_owner(const StoreRow& row);

/// A variant that was asked for by its SKU. Holdings of one product share it.
struct Holding {
    std::shared_ptr<const Product> product;
    const Variant* variant;  // One of the product's.
};

class ProductRepository {
public:
    explicit ProductRepository(StoreLedger rows) : rows_(std::move(rows)) {}

    [[nodiscard]] const StoreLedger& rows() const { return rows_; }
    [[nodiscard]] Result<std::optional<Product>> find(const ProductId& id) const;
    [[nodiscard]] Result<std::optional<Product>> find_by_handle(std::string_view handle) const;
    [[nodiscard]] Result<std::optional<Holding>> find_by_sku(std::string_view sku) const;
    /// In the order of the ids.
    [[nodiscard]] Result<std::vector<std::optional<Product>>> find_all(
        const std::vector<ProductId>& ids) const;
    /// In the order of the SKUs. A claim that its product does not confirm is nothing.
    [[nodiscard]] Result<std::vector<std::optional<Holding>>> find_all_by_sku(
        const std::vector<std::string>& skus) const;
    [[nodiscard]] Result<std::vector<std::optional<SkuOwner>>> owners(
        const std::vector<std::string>& skus) const;
    /// In the order of the variants; one that has no row has no stock.
    [[nodiscard]] Result<std::vector<Stock>> stocks(const std::vector<VariantId>& variants) const;
    [[nodiscard]] Result<std::vector<Stock>> stocks_of(const Product& product) const;

private:
    StoreLedger rows_;
};

}  // namespace souk::products
