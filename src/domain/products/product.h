#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/base/money.h"
#include "domain/products/limits.h"

/// The product: a pure value and the rules that hold for it.
namespace souk::products {

enum class Status { draft, published, archived };
[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] std::optional<Status> status_named(std::string_view name);

/// Tracked stock runs out; untracked stock never does.
enum class StockPolicy { tracked, untracked };
[[nodiscard]] std::string_view name_of(StockPolicy policy);
[[nodiscard]] std::optional<StockPolicy> stock_policy_named(std::string_view name);

/// Name and value of one option, e.g. {"Colour", "Red"}; also of one metadata member.
using NamedText = std::pair<std::string, std::string>;

struct Option {
    std::string name;
    std::vector<std::string> values;
    friend bool operator==(const Option&, const Option&) = default;
};

/// One thing that can be bought. How many there are is kept beside the product: see stock.h.
struct Variant {
    VariantId id;
    std::string sku;
    std::string title = {};  // Empty: called after its option values, see shown_title.
    std::vector<NamedText> option_values =
        {};  // In the order of the product's options; each has one.
    Money price;
    std::optional<Money> compare_at_price = {};
    std::string barcode = {};
    std::int64_t weight_grams = 0;
    StockPolicy stock = StockPolicy::tracked;
    std::int64_t low_stock_threshold = low_stock_threshold_default;
    friend bool operator==(const Variant&, const Variant&) = default;
};

/// An image: one that was uploaded (`key`) or one that lives elsewhere (`external_url`).
struct Picture {
    MediaId id;
    std::string key = {};
    std::string external_url = {};
    std::string alt = {};
    friend bool operator==(const Picture&, const Picture&) = default;
};

struct Product {
    ProductId id;
    std::string handle = {};
    std::string title = {};
    std::string description = {};
    std::string vendor = {};
    std::string product_type = {};
    std::vector<std::string> tags = {};
    std::vector<CategoryId> categories = {};
    Status status = Status::draft;
    bool approved = false;
    std::vector<Option> options = {};
    std::vector<Variant> variants = {};  // At least one while published.
    std::vector<Picture> media = {};
    std::string seo_title = {};
    std::string seo_description = {};
    std::vector<NamedText> metadata = {};
    Instant created_at = {};
    Instant updated_at = {};
    std::int64_t next_variant = 1;  // Numbers of variants are never used twice.
    std::uint64_t version = 0;      // The row's; 0 for one that was not stored yet.

    /// Equality of what a person can change: not of version and times.
    [[nodiscard]] bool same_content(const Product& other) const;
    [[nodiscard]] const Variant* variant(const VariantId& wanted) const;
    [[nodiscard]] const Variant* variant_with_sku(std::string_view sku) const;
    /// Of the cheapest variant; 0 without variants. Unit: minor units.
    [[nodiscard]] std::int64_t price_min_amount() const;
};

/// Ids of a product and its variants share all but their last three characters, which number the
/// variant; so a variant's id tells its product's without a lookup row. Shape: 10 random bytes.
[[nodiscard]] ProductId make_product_id(Instant now, std::string random);
/// The id of the product's next variant; counts `next_variant` up.
[[nodiscard]] VariantId take_variant_id(Product& product);
[[nodiscard]] ProductId product_of(const VariantId& variant);

/// The variant's own title, or its option values ("Red / L"), or "Default".
[[nodiscard]] std::string shown_title(const Variant& variant);
/// What stands for a text of which no slug is left, as of one in Japanese: always the same for the
/// same text, another for any other. Shape: 32 hexadecimal digits. Source: FNV-1a of 128 bits.
[[nodiscard]] std::string fingerprint(std::string_view text);
/// The SKU of a variant that was given none: handle and option values, always the same for the same
/// two. A value of which no slug is left has the fingerprint of all of them put in their place.
[[nodiscard]] std::string sku_from(std::string_view handle,
                                   const std::vector<NamedText>& option_values);
/// Brings the variants' option values into the options' order, and adds them to the options'
/// values; a value that only variants of `former` had goes with them, one that none had stays.
/// Options that were not named are those of the first variant.
void settle_options(Product& product, const std::vector<Variant>& former);
/// The mistakes of a product as a whole that a body's schema cannot see: options that do not fit,
/// combinations and SKUs given twice, names given twice. Pointers are those of the product's JSON.
[[nodiscard]] std::vector<FieldError> mistakes_of(const Product& product);

/// The words by which `?q=` finds the text: see words_of; term_bytes_max of each at most.
[[nodiscard]] std::vector<std::string> terms_of(std::string_view text);
/// A range of texts in their order. Shape: from `from` on, before `before`.
struct TextRange {
    std::string from;
    std::string before;
};
/// The words that a searched word stands for besides itself: those that begin with it, but a number
/// goes on with no digit (12 is not 120). A single letter stands for itself alone.
[[nodiscard]] std::optional<TextRange> longer_words(std::string_view word);
/// Whether the searched word is one of the words or stands for one.
[[nodiscard]] bool is_found_by(const std::set<std::string>& words, std::string_view searched);
/// A handle out of a text, of at most so many characters; empty if the text has no letter or digit.
[[nodiscard]] std::string handle_from(std::string_view text, std::size_t length_max);
/// The first terms_max different words of title, vendor, SKUs and option values.
[[nodiscard]] std::set<std::string> search_terms(const Product& product);

}  // namespace souk::products
