#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "domain/ports/store_ledger.h"
#include "domain/products/product.h"

/// The rows by which products are listed: one per facet and sort order, kept by the service itself.
/// A row is its key alone; it says "look at this product here" and is true only if the product
/// would still derive it, so a surplus row does no harm and only a missing one would.
namespace souk::products {

enum class SortBy { title, price, created };

/// Published products and all others are listed apart, so that no page of a shop wades through
/// drafts.
enum class Side { published, hidden };

/// What a list is restricted to: everything, a category, a tag or a search term.
[[nodiscard]] std::string facet_all();
[[nodiscard]] std::string facet_of(const CategoryId& category);
[[nodiscard]] std::string facet_of_tag(std::string_view tag);
[[nodiscard]] std::string facet_of_term(std::string_view term);

[[nodiscard]] std::string list_partition(Side side, std::string_view facet, SortBy sort);
/// Where the product stands in a list; ends with its id, so that it is unique.
[[nodiscard]] std::string list_position(const Product& product, SortBy sort);
/// In lists by price: behind every product whose lowest price is at most this amount.
[[nodiscard]] std::string position_above(std::int64_t price);
/// The product that a position belongs to, or nothing if it is none.
[[nodiscard]] std::optional<ProductId> product_at(std::string_view position);

/// A word that some product of the store has or had, listed or not, so that its beginning leads to
/// it. A word that no product has any more costs a search one look into an empty list.
[[nodiscard]] StoreKey word_key(std::string_view word);
/// All rows by which the product is listed.
[[nodiscard]] std::set<StoreKey> list_keys(const Product& product);

}  // namespace souk::products
