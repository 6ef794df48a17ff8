#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/products/import_rows.h"
#include "domain/products/product_patch.h"
#include "domain/products/stock.h"

namespace souk::products {

/// What is there when a group of rows is taken in.
struct ImportContext {
    const Columns& columns;
    Currency currency;
    const std::optional<Product>& existing;
    const std::vector<Stock>& stocks;                      // Of the existing product's variants.
    const std::map<std::string, MediaId>& existing_media;  // By address.
    const std::set<std::string>& taken_skus;               // That other products have.
    const std::function<MediaId()>& fresh_media;
    const Said& said;  // By earlier rows of the file.
};

/// What the rows of one product come to.
struct ImportPlan {
    ProductPatch patch;
    Pictures pictures = {};                          // Those that the patch adds.
    std::map<VariantId, std::int64_t> on_hand = {};  // Where the existing stock is to be another.
    Said said = {};                                  // By these rows.
    std::vector<ImportError> errors = {};
    bool possible = true;  // Whether anything is left to do after the errors.
};

/// Pure: reads rows, believes nothing, and reports each mistake where it stands. A bad row is left
/// out, with its product-level cells unless a new product comes of it; a bad one of those leaves
/// out the group.
[[nodiscard]] ImportPlan plan_import(const RowGroup& group, const ImportContext& context);

}  // namespace souk::products
