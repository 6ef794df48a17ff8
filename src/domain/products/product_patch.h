#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/json.h"
#include "domain/products/product.h"

/// What somebody wants of a product: only what is set is changed. Creation, PATCH and import all
/// speak this.
namespace souk::products {

struct VariantPatch {
    std::optional<VariantId> id = {};
    std::optional<std::string> sku = {};
    std::optional<std::string> title = {};
    std::optional<std::vector<NamedText>> option_values = {};
    std::optional<Money> price = {};
    std::optional<std::optional<Money>> compare_at_price = {};
    std::optional<std::string> barcode = {};
    std::optional<std::int64_t> weight_grams = {};
    std::optional<StockPolicy> stock = {};
    std::optional<std::int64_t> low_stock_threshold = {};
    std::optional<std::int64_t> stock_on_hand = {};  // Of a new variant; later it is adjusted.
};

struct PicturePatch {
    MediaId id;
    std::optional<std::string> alt = {};
};

/// RFC 7386: a member without a value goes, the others come or stay.
struct MetadataPatch {
    bool clear = false;
    std::vector<std::pair<std::string, std::optional<std::string>>> members = {};
};

struct ProductPatch {
    std::optional<std::string> handle = {};
    std::optional<std::string> title = {};
    std::optional<std::string> description = {};
    std::optional<std::string> vendor = {};
    std::optional<std::string> product_type = {};
    std::optional<std::vector<std::string>> tags = {};
    std::optional<std::vector<CategoryId>> categories = {};
    std::optional<Status> status = {};
    std::optional<std::vector<Option>> options = {};
    /// The whole list: a variant that is not in it goes. One is known by its id or else its SKU; of
    /// a known one, only what is set changes.
    std::optional<std::vector<VariantPatch>> variants = {};
    std::optional<std::vector<PicturePatch>> media = {};
    std::optional<std::string> seo_title = {};
    std::optional<std::string> seo_description = {};
    std::optional<MetadataPatch> metadata = {};
};

/// From validated bodies. Null clears what may be empty.
[[nodiscard]] ProductPatch parse_product_patch(JsonView body);
[[nodiscard]] VariantPatch parse_variant_patch(JsonView body);

/// A product as it would be after a patch, with the stock that its new variants open with.
struct Patched {
    Product product;
    std::map<VariantId, std::int64_t> opening_stock = {};
};
/// Pictures that were looked up, by their id; those of the product itself need not be among them.
using Pictures = std::map<MediaId, Picture>;

/// Applies the patch. `mistakes` receives all that is wrong, with pointers into a product's body:
/// unknown variants and pictures, other currencies, and those of `mistakes_of`.
[[nodiscard]] Patched patched(Product base, const ProductPatch& patch, const Pictures& pictures,
                              Currency currency, std::vector<FieldError>& mistakes);

/// A variant that the product does not list yet, without SKU and price.
[[nodiscard]] Variant new_variant(Product& product, Currency currency);

enum class VariantOrigin { fresh, known };
/// The same for one variant; `pointer` leads to it in the body.
void patch_variant(Patched& patched, Variant& variant, const VariantPatch& patch,
                   VariantOrigin origin, const std::string& pointer,
                   std::vector<FieldError>& mistakes);
/// What every patch ends with: options in order (`former`: as settle_options), and the mistakes of
/// the whole.
void settle(Product& product, const std::vector<Variant>& former,
            std::vector<FieldError>& mistakes);

}  // namespace souk::products
