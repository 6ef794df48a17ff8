#pragma once

#include <string>
#include <vector>

#include "domain/base/schema.h"
#include "domain/ports/media.h"
#include "domain/products/product_editor.h"

/// Products as the API shows and takes them.
namespace souk::products {

/// Shoppers see how many are available; staff also what is on hand and reserved.
enum class Viewer { shopper, staff };

[[nodiscard]] std::string render_product(const ProductView& view, Viewer viewer,
                                         const Media& media);
/// Its variants, each as the product shows it.
[[nodiscard]] std::vector<std::string> render_variants(const ProductView& view, Viewer viewer);

[[nodiscard]] Schema product_schema();
[[nodiscard]] Schema variant_schema();
[[nodiscard]] Schema create_product_schema();
[[nodiscard]] Schema change_product_schema();
[[nodiscard]] Schema create_variant_schema();
[[nodiscard]] Schema change_variant_schema();

}  // namespace souk::products
