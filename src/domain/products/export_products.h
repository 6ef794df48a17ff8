#pragma once

#include <functional>
#include <string>

#include "domain/products/products.h"

namespace souk::products {

/// The store's whole catalogue in Shopify's first CSV format, oldest product first, piece by piece;
/// empty at the end. Importing it again changes nothing; importing it into an empty store of the
/// same currency makes the same products, but for what the format has no place for (categories,
/// metadata, thresholds, ids and times). Holds one page at a time. `products` outlives it.
[[nodiscard]] std::function<Result<std::string>()> export_csv(const Products& products,
                                                              Caller caller);

}  // namespace souk::products
