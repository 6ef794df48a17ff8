#include "domain/products/listing.h"

#include <algorithm>
#include <array>

#include "domain/base/clipped_text.h"
#include "domain/base/folding.h"
#include "domain/base/text.h"

namespace souk::products {

namespace {

constexpr std::size_t title_bytes_max = 120;
constexpr int amount_digits = 19;
constexpr int time_digits = 15;
constexpr std::array all_sorts{SortBy::title, SortBy::price, SortBy::created};

std::string_view name_of_sort(SortBy sort) {
    switch (sort) {
        case SortBy::title: return "title";
        case SortBy::price: return "price";
        case SortBy::created: return "created";
    }
    return {};
}

}  // namespace

std::string facet_all() { return "all"; }
std::string facet_of(const CategoryId& category) { return cat("cat:", category.text()); }
std::string facet_of_tag(std::string_view tag) { return cat("tag:", ascii_lower(tag)); }
std::string facet_of_term(std::string_view term) { return cat("term:", term); }

std::string list_partition(Side side, std::string_view facet, SortBy sort) {
    return cat(side == Side::published ? "list#" : "list#hidden#", facet, '#', name_of_sort(sort));
}

std::string list_position(const Product& product, SortBy sort) {
    std::string position;
    switch (sort) {
        case SortBy::title:
            position = clipped(folded(product.title), title_bytes_max);
            // So that a position and the least control character sort right after that position.
            std::ranges::replace_if(position, [](char c) { return c >= 0 && c < ' '; }, ' ');
            break;
        case SortBy::price:
            position =
                zero_padded(static_cast<std::uint64_t>(product.price_min_amount()), amount_digits);
            break;
        case SortBy::created:
            position =
                zero_padded(static_cast<std::uint64_t>(product.created_at.unix_ms()), time_digits);
            break;
    }
    return cat(position, '#', product.id.text());
}

std::string position_above(std::int64_t price) {
    return zero_padded(static_cast<std::uint64_t>(price) + 1, amount_digits);
}

std::optional<ProductId> product_at(std::string_view position) {
    const auto mark = position.rfind('#');
    if (mark == std::string_view::npos) {
        return std::nullopt;
    }
    const auto id = ProductId::parse(position.substr(mark + 1));
    return id ? std::optional(*id) : std::nullopt;
}

StoreKey word_key(std::string_view word) {
    std::size_t first = std::min<std::size_t>(word.size(), 1);
    while (first < word.size() && !is_utf8(word.substr(0, first))) {
        ++first;  // Up to the end of a code point.
    }
    return {cat("words#", word.substr(0, first)), std::string(word)};
}

std::set<StoreKey> list_keys(const Product& product) {
    std::set<std::string> facets{facet_all()};
    for (const auto& category : product.categories) {
        facets.insert(facet_of(category));
    }
    for (const auto& tag : product.tags) {
        facets.insert(facet_of_tag(tag));
    }
    for (const auto& term : search_terms(product)) {
        facets.insert(facet_of_term(term));
    }
    const Side side = product.status == Status::published ? Side::published : Side::hidden;
    std::set<StoreKey> keys;
    for (const SortBy sort : all_sorts) {
        const std::string position = list_position(product, sort);
        for (const auto& facet : facets) {
            keys.insert({list_partition(side, facet, sort), position});
        }
    }
    return keys;
}

}  // namespace souk::products
