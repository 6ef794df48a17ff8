#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/money.h"

/// What siblings may ask the products service. Read-only; stock changes by events alone.
namespace souk::products {

/// Units: code points. The title: a product's, and three option values, with " / " between them.
inline constexpr std::int64_t offer_title_max = 1029;

/// One SKU as it could be sold now.
struct Offer {
    std::string sku;
    ProductId product;
    VariantId variant;
    std::string
        title;  // "Globe / Red": the product's title, and the variant's unless there is one only.
    Money unit_price;
    bool sellable = false;  // Published, approved where the store requires it, not archived. Says
                            // nothing of stock: only a reservation decides.
};

class Catalog {
public:
    virtual ~Catalog() = default;
    /// In the order of `skus` (any number); nothing for a SKU that the store does not have.
    [[nodiscard]] virtual Result<std::vector<std::optional<Offer>>> offers(
        const StoreId& store, const std::vector<std::string>& skus) const = 0;
    /// The SKU of a variant, or nothing.
    [[nodiscard]] virtual Result<std::optional<std::string>> sku_of(
        const StoreId& store, const VariantId& variant) const = 0;
};

/// A reservation takes lines in commits of this many. Source: a DynamoDB transaction holds 100
/// writes.
inline constexpr std::size_t reservation_chunk_lines = 40;

}  // namespace souk::products
