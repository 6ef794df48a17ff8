#include "domain/products/product.h"

#include <algorithm>

#include "domain/base/clipped_text.h"
#include "domain/base/folding.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/products/limits.h"

namespace souk::products {

namespace {

constexpr Names<Status, 3> status_table{{
    {Status::draft, "draft"},
    {Status::published, "published"},
    {Status::archived, "archived"},
}};
constexpr Names<StockPolicy, 2> policy_table{{
    {StockPolicy::tracked, "tracked"},
    {StockPolicy::untracked, "untracked"},
}};

constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t number_characters = 3;

const std::string* value_named(const std::vector<NamedText>& values, std::string_view name) {
    const auto found = std::ranges::find(values, name, &NamedText::first);
    return found == values.end() ? nullptr : &found->second;
}

void check_options(const Product& product, std::vector<FieldError>& mistakes) {
    std::set<std::string> names;
    if (std::ssize(product.options) > options_max) {
        mistakes.push_back({"/options", "too_many", cat("At most ", options_max, ".")});
    }
    for (std::size_t i = 0; i < product.options.size(); ++i) {
        const Option& option = product.options[i];
        if (!names.insert(option.name).second) {
            mistakes.push_back(
                {cat("/options/", i, "/name"), "duplicate", "Another option has this name."});
        }
        if (std::set<std::string>(option.values.begin(), option.values.end()).size() !=
            option.values.size()) {
            mistakes.push_back(
                {cat("/options/", i, "/values"), "duplicate", "A value stands there twice."});
        }
        if (std::ssize(option.values) > variants_max) {
            mistakes.push_back({cat("/options/", i, "/values"), "too_many",
                                cat("An option has at most ", variants_max, " values.")});
        }
    }
}

void check_variants(const Product& product, std::vector<FieldError>& mistakes) {
    std::set<std::string> skus;
    std::set<std::vector<NamedText>> combinations;
    if (std::ssize(product.variants) > variants_max) {
        mistakes.push_back({"/variants", "too_many", cat("At most ", variants_max, ".")});
    }
    if (product.next_variant - 1 > variants_ever_max) {
        mistakes.push_back(
            {"/variants", "too_many",
             cat("A product can have had ", variants_ever_max,
                 " variants, those that are gone included. Make another product of it.")});
    }
    for (std::size_t i = 0; i < product.variants.size(); ++i) {
        const Variant& variant = product.variants[i];
        const std::string pointer = cat("/variants/", i);
        if (!skus.insert(variant.sku).second) {
            mistakes.push_back({pointer + "/sku", "duplicate", "Another variant has this SKU."});
        }
        bool fits = variant.option_values.size() == product.options.size();
        for (const auto& option : product.options) {
            const std::string* value = value_named(variant.option_values, option.name);
            fits = fits && value != nullptr && !value->empty();
        }
        if (!fits) {
            mistakes.push_back({pointer + "/option_values", "not_allowed",
                                "It must have one value for each of the product's options."});
        } else if (!combinations.insert(variant.option_values).second) {
            mistakes.push_back({pointer + "/option_values", "duplicate",
                                "Another variant has the same option values."});
        }
    }
}

template <class Items>
void check_once(const Items& items, std::string_view pointer, std::vector<FieldError>& mistakes) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!seen.insert(items[i]).second) {
            mistakes.push_back({cat(pointer, "/", i), "duplicate", "It stands there twice."});
        }
    }
}

}  // namespace

std::string_view name_of(Status status) { return name_in(status_table, status); }
std::optional<Status> status_named(std::string_view name) { return value_in(status_table, name); }
std::string_view name_of(StockPolicy policy) { return name_in(policy_table, policy); }
std::optional<StockPolicy> stock_policy_named(std::string_view name) {
    return value_in(policy_table, name);
}

bool Product::same_content(const Product& other) const {
    return handle == other.handle && title == other.title && description == other.description &&
           vendor == other.vendor && product_type == other.product_type && tags == other.tags &&
           categories == other.categories && status == other.status && approved == other.approved &&
           options == other.options && variants == other.variants && media == other.media &&
           seo_title == other.seo_title && seo_description == other.seo_description &&
           metadata == other.metadata;
}

const Variant* Product::variant(const VariantId& wanted) const {
    const auto found = std::ranges::find(variants, wanted, &Variant::id);
    return found == variants.end() ? nullptr : &*found;
}

const Variant* Product::variant_with_sku(std::string_view sku) const {
    const auto found = std::ranges::find(variants, sku, &Variant::sku);
    return found == variants.end() ? nullptr : &*found;
}

std::int64_t Product::price_min_amount() const {
    const auto cheapest =
        std::ranges::min_element(variants, {}, [](const Variant& v) { return v.price.amount; });
    return cheapest == variants.end() ? 0 : cheapest->price.amount;
}

ProductId make_product_id(Instant now, std::string random) {
    CHECK(random.size() == 10);
    // The last 15 bits are the last three characters, which the variants number.
    random[9] = 0;
    random[8] = static_cast<char>(static_cast<unsigned char>(random[8]) & 0x80U);
    return ProductId::make(now, random);
}

VariantId take_variant_id(Product& product) {
    // One too many gets the id of another; mistakes_of then says so.
    const std::int64_t number = product.next_variant++;
    std::string text = product.id.text().substr(ProductIdTag::prefix.size());
    auto rest = static_cast<std::size_t>(number);
    for (std::size_t i = 0; i < number_characters; ++i, rest >>= 5) {
        text[text.size() - 1 - i] = digits[rest & 31U];
    }
    return VariantId::trusted(cat(VariantIdTag::prefix, text));
}

ProductId product_of(const VariantId& variant) {
    std::string text = variant.text().substr(VariantIdTag::prefix.size());
    text.replace(text.size() - number_characters, number_characters, number_characters, '0');
    return ProductId::trusted(cat(ProductIdTag::prefix, text));
}

std::string shown_title(const Variant& variant) {
    std::string title = variant.title;
    if (title.empty()) {
        for (const auto& [name, value] : variant.option_values) {
            title += cat(title.empty() ? "" : " / ", value);
        }
    }
    return title.empty() ? "Default" : title;
}

std::string fingerprint(std::string_view text) {
    using Wide = unsigned __int128;
    constexpr Wide prime = (Wide{1} << 88) + 0x13B;
    Wide hash = (Wide{0x6C62272E07BB0142} << 64) + 0x62B821756295C58D;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * prime;
    }
    std::string bytes(sizeof(hash), '\0');
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, hash >>= 8) {
        *byte = static_cast<char>(static_cast<unsigned char>(hash & 0xFFU));
    }
    return to_hex(bytes);
}

std::string sku_from(std::string_view handle, const std::vector<NamedText>& option_values) {
    std::string sku(handle);
    std::string all_values;
    bool legible = true;
    for (const auto& [name, value] : option_values) {
        const std::string slug = slug_from(value);
        legible = legible && !slug.empty();
        sku += cat('-', slug);
        all_values += cat(value, '\n');
    }
    if (!legible) {
        const std::string mark = cat('-', fingerprint(all_values));
        return cat(clipped(handle, static_cast<std::size_t>(sku_max) - mark.size()), mark);
    }
    return std::string(clipped(sku, sku_max));
}

void settle_options(Product& product, const std::vector<Variant>& former) {
    if (product.options.empty() && !product.variants.empty()) {
        for (const auto& [name, value] : product.variants.front().option_values) {
            product.options.push_back({name, {}});
        }
    }
    for (auto& variant : product.variants) {
        std::vector<NamedText> ordered;
        for (auto& option : product.options) {
            const std::string* value = value_named(variant.option_values, option.name);
            if (value == nullptr) {
                continue;
            }
            if (std::ranges::find(option.values, *value) == option.values.end()) {
                option.values.push_back(*value);
            }
            ordered.emplace_back(option.name, *value);
        }
        // What fits no option stays in place, to be found by mistakes_of.
        if (ordered.size() == variant.option_values.size()) {
            variant.option_values = std::move(ordered);
        }
    }
    if (product.variants.empty()) {
        return;  // Whoever names options first and adds variants afterwards means them.
    }
    for (auto& option : product.options) {
        const auto held_by = [&](const std::vector<Variant>& variants, const std::string& value) {
            return std::ranges::any_of(variants, [&](const Variant& variant) {
                const std::string* own = value_named(variant.option_values, option.name);
                return own != nullptr && *own == value;
            });
        };
        std::erase_if(option.values, [&](const std::string& value) {
            return held_by(former, value) && !held_by(product.variants, value);
        });
    }
}

std::vector<FieldError> mistakes_of(const Product& product) {
    std::vector<FieldError> mistakes;
    if (product.title.empty()) {
        mistakes.push_back({"/title", "too_short", "It needs more than white space."});
    }
    if (product.variants.empty() && product.status == Status::published) {
        mistakes.push_back({"/variants", "too_few", "What is published has at least one."});
    }
    check_options(product, mistakes);
    check_variants(product, mistakes);
    std::vector<std::string> tags;
    for (const auto& tag : product.tags) {
        if (tag.empty() || tag.find(',') != std::string::npos) {
            mistakes.push_back(
                {cat("/tags/", tags.size()), "bad_format", "A tag is not empty and has no comma."});
        }
        tags.push_back(ascii_lower(tag));
    }
    check_once(tags, "/tags", mistakes);
    std::vector<std::string> categories;
    for (const auto& category : product.categories) {
        categories.push_back(category.text());
    }
    check_once(categories, "/category_ids", mistakes);
    std::vector<std::string> media;
    for (const auto& picture : product.media) {
        media.push_back(picture.id.text());
    }
    check_once(media, "/media", mistakes);
    return mistakes;
}

std::vector<std::string> terms_of(std::string_view text) {
    std::vector<std::string> terms = words_of(text);
    for (auto& term : terms) {
        term.resize(clipped(term, term_bytes_max).size());
    }
    return terms;
}

std::optional<TextRange> longer_words(std::string_view word) {
    if (code_points(word) < 2) {
        return std::nullopt;
    }
    constexpr std::string_view last_point = "\xF4\x8F\xBF\xBF";
    // Words are made of digits, letters and what lies beyond ASCII; a colon follows the digits.
    const bool is_number = word.back() >= '0' && word.back() <= '9';
    return TextRange{cat(word, is_number ? ':' : '0'), cat(word, last_point)};
}

bool is_found_by(const std::set<std::string>& words, std::string_view searched) {
    if (words.contains(std::string(searched))) {
        return true;
    }
    const auto range = longer_words(searched);
    if (!range) {
        return false;
    }
    const auto word = words.lower_bound(range->from);
    return word != words.end() && *word < range->before;
}

std::set<std::string> search_terms(const Product& product) {
    std::set<std::string> terms;
    const auto take = [&terms](std::string_view text) {
        for (auto& term : terms_of(text)) {
            if (terms.size() < terms_max) {
                terms.insert(std::move(term));
            }
        }
    };
    take(product.title);
    take(product.vendor);
    for (const auto& variant : product.variants) {
        take(variant.sku);
        for (const auto& [name, value] : variant.option_values) {
            take(value);
        }
    }
    return terms;
}

std::string handle_from(std::string_view text, std::size_t length_max) {
    std::string handle = slug_from(text).substr(0, length_max);
    while (handle.ends_with('-')) {
        handle.pop_back();
    }
    return handle;
}

}  // namespace souk::products
