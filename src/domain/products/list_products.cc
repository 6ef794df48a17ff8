#include <algorithm>

#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/products/products.h"

/// A page of a list: rows of the most selective facet that the service keeps, read in the wanted
/// order, each believed only if its product still derives it, and filtered by what is left of the
/// query.
namespace souk::products {

namespace {

/// More than a page's worth, since filters let only some through; a plain list asks for no more
/// than it needs.
constexpr int filtered_batch = 100;
/// What is asked of each of many lists, however few rows are wanted in all.
constexpr int source_rows_min = 10;

/// The least character that no title contains: what follows a position directly.
constexpr char just_after = '\x01';

/// Reads some facets on one or both sides in one order, front to back.
class ListReader {
public:
    ListReader(StoreLedger rows, const std::vector<Side>& sides,
               const std::vector<std::string>& facets, const ListQuery& query,
               const std::string& after)
        : rows_(std::move(rows)), query_(query) {
        if (query.sort == SortBy::price && query.price_max) {
            end_ = position_above(*query.price_max);
        }
        for (const Side side : sides) {
            for (const auto& facet : facets) {
                sources_.push_back({list_partition(side, facet, query.sort), after, false});
            }
        }
    }

    [[nodiscard]] bool exhausted() const {
        return std::ranges::all_of(sources_, &Source::exhausted);
    }

    /// The next positions, in order; fewer than `count` only at the end or where the sides are
    /// uneven.
    Result<std::vector<std::string>> next(int count) {
        // Of one list all may be wanted; of many, each gives its share.
        const auto lists = static_cast<int>(sources_.size());
        const int rows_each = lists <= 2 ? count : std::max(count / lists, source_rows_min);
        std::vector<std::string> merged;
        std::optional<std::string>
            known_until;  // Beyond it, a side that was not read to its end may go on.
        for (auto& source : sources_) {
            if (source.exhausted) {
                continue;
            }
            const StorePage page = TRY(read(source, rows_each));
            source.exhausted = !page.cursor || page.rows.empty();
            for (const auto& row : page.rows) {
                merged.push_back(row.sort);
            }
            if (!source.exhausted &&
                (!known_until || comes_before(page.rows.back().sort, *known_until))) {
                known_until = page.rows.back().sort;
            }
        }
        std::ranges::sort(merged,
                          [this](const auto& a, const auto& b) { return comes_before(a, b); });
        // A product stands in the lists of each of its words.
        const auto repeats = std::ranges::unique(merged);
        merged.erase(repeats.begin(), repeats.end());
        if (known_until) {
            std::erase_if(
                merged, [&](const auto& position) { return comes_before(*known_until, position); });
        }
        for (auto& source : sources_) {
            if (known_until) {
                source.after = *known_until;
                source.exhausted = false;
            }
        }
        return merged;
    }

private:
    struct Source {
        std::string partition;
        std::string after;
        bool exhausted;
    };

    [[nodiscard]] bool comes_before(const std::string& a, const std::string& b) const {
        return query_.direction == Direction::forward ? a < b : b < a;
    }

    Result<StorePage> read(const Source& source, int count) const {
        StoreQuery range{.partition = source.partition,
                         .before = end_,
                         .direction = query_.direction,
                         .limit = count};
        if (!source.after.empty() && query_.direction == Direction::forward) {
            range.from = source.after + just_after;
        } else if (!source.after.empty()) {
            range.before = source.after;
        }
        return rows_.query(range);
    }

    StoreLedger rows_;
    const ListQuery& query_;
    std::string end_;  // All that is wanted stands before it; empty: the list's end.
    std::vector<Source> sources_;
};

/// The words of the store that the searched one stands for; none if they are too many to read the
/// lists of.
Result<std::vector<std::string>> completions(const StoreLedger& rows, const std::string& searched) {
    std::vector<std::string> words{searched};
    const auto range = longer_words(searched);
    if (!range) {
        return words;
    }
    const StorePage page = TRY(rows.query({.partition = word_key(searched).partition,
                                           .from = range->from,
                                           .before = range->before,
                                           .limit = static_cast<int>(lists_merged_max)}));
    if (page.rows.size() >= lists_merged_max) {
        return std::vector<std::string>{};
    }
    for (const auto& row : page.rows) {
        words.push_back(row.sort);
    }
    return words;
}

/// What the query asks, once its category is looked up.
struct Filter {
    const ListQuery& query;
    std::vector<CategoryId> categories;  // The one that was named, first, and those below it.
    std::string tag;                     // Lower case; empty for none.

    [[nodiscard]] bool narrows() const {
        return !categories.empty() || !tag.empty() || !query.terms.empty() || query.price_min ||
               query.price_max || query.in_stock || query.status;
    }

    /// The lists to read, of which none leaves out what is looked for.
    [[nodiscard]] Result<std::vector<std::string>> facets(const StoreLedger& rows) const {
        // The longest word is the rarest guess that costs nothing.
        auto terms = query.terms;
        std::ranges::sort(terms, std::ranges::greater{}, &std::string::size);
        for (const auto& term : terms) {
            const auto words = TRY(completions(rows, term));
            if (!words.empty()) {
                std::vector<std::string> all;
                for (const auto& word : words) {
                    all.push_back(facet_of_term(word));
                }
                return all;
            }
        }
        if (categories.empty() || categories.size() > lists_merged_max) {
            return std::vector{tag.empty() ? facet_all() : facet_of_tag(tag)};
        }
        std::vector<std::string> all;
        for (const auto& category : categories) {
            all.push_back(facet_of(category));
        }
        return all;
    }

    [[nodiscard]] bool admits(const Product& product) const {
        if (query.status && product.status != *query.status) {
            return false;
        }
        const auto is_wanted = [this](const CategoryId& id) {
            return std::ranges::find(categories, id) != categories.end();
        };
        if (!categories.empty() && std::ranges::none_of(product.categories, is_wanted)) {
            return false;
        }
        if (!tag.empty() && std::ranges::none_of(product.tags, [this](const auto& own) {
                return ascii_lower(own) == tag;
            })) {
            return false;
        }
        if (!query.terms.empty()) {
            const auto terms = search_terms(product);
            if (!std::ranges::all_of(query.terms,
                                     [&](const auto& term) { return is_found_by(terms, term); })) {
                return false;
            }
        }
        if (!query.price_min && !query.price_max) {
            return true;
        }
        return std::ranges::any_of(product.variants, [this](const Variant& variant) {
            return variant.price.amount >= query.price_min.value_or(0) &&
                   variant.price.amount <= query.price_max.value_or(amount_max);
        });
    }

    [[nodiscard]] bool admits(const Product& product, const std::vector<Stock>& stocks) const {
        if (!query.in_stock) {
            return true;
        }
        bool in_stock = false;
        for (std::size_t i = 0; i < stocks.size(); ++i) {
            in_stock = in_stock || stocks[i].available > 0 ||
                       product.variants[i].stock == StockPolicy::untracked;
        }
        return in_stock == *query.in_stock;
    }
};

/// Everything that makes a cursor another list's, but for the page's length.
std::string scope_of(const StoreId& store, const Filter& filter, std::string_view audience) {
    const ListQuery& query = filter.query;
    std::string scope =
        cat("products#", store.text(), '#', audience, '#', static_cast<int>(query.sort),
            static_cast<int>(query.direction), '#',
            filter.categories.empty() ? "" : filter.categories.front().text(), '#', filter.tag, '#',
            query.price_min.value_or(-1), '#', query.price_max.value_or(-1), '#',
            query.in_stock ? (*query.in_stock ? "in" : "out") : "", '#',
            query.status ? name_of(*query.status) : "");
    for (const auto& term : query.terms) {
        scope += cat('#', term);
    }
    return scope;
}

/// A page as it fills up.
class Filling {
public:
    Filling(const ProductRepository& rows, const Filter& filter,
            const std::optional<stores::Store>& shop)
        : rows_(rows), filter_(filter), shop_(shop) {}

    /// How many positions are worth asking for now.
    [[nodiscard]] int wanted() const {
        const auto missing = filter_.query.limit - static_cast<int>(items_.size());
        return filter_.narrows() ? filtered_batch : missing + 1;
    }

    /// Looks at the products at these positions, in order, until the page is full.
    Result<void> take(const std::vector<std::string>& positions) {
        std::vector<ProductId> ids;
        for (const auto& position : positions) {
            ids.push_back(product_at(position).value_or(ProductId::trusted("none")));
        }
        auto products = TRY(rows_.find_all(ids));
        reads_ += ids.size();
        for (std::size_t begin = 0; begin < positions.size() && !full_;) {
            begin = TRY(take_some(positions, products, begin));
        }
        return {};
    }

    [[nodiscard]] bool full() const { return full_; }
    /// The position up to which everything has been looked at; empty before the first.
    [[nodiscard]] const std::string& last() const { return last_; }
    [[nodiscard]] std::vector<ProductView> items() && { return std::move(items_); }

private:
    [[nodiscard]] bool admits(const std::optional<Product>& product,
                              const std::string& position) const {
        return product && list_position(*product, filter_.query.sort) == position &&
               (!shop_ || is_public(*product, *shop_)) && filter_.admits(*product);
    }

    /// As many as have their stock in one read. Returns where to go on.
    Result<std::size_t> take_some(const std::vector<std::string>& positions,
                                  std::vector<std::optional<Product>>& products,
                                  std::size_t begin) {
        std::vector<VariantId> variants;
        std::size_t end = begin;
        for (; end < positions.size() && variants.size() < get_many_max; ++end) {
            if (!admits(products[end], positions[end])) {
                products[end].reset();
                continue;
            }
            for (const auto& variant : products[end]->variants) {
                variants.push_back(variant.id);
            }
        }
        const auto stocks = TRY(rows_.stocks(variants));
        reads_ += stocks.size();
        auto next_stock = stocks.begin();
        for (std::size_t i = begin; i < end; ++i) {
            std::vector<Stock> own;
            if (products[i]) {
                const auto own_end = next_stock + std::ssize(products[i]->variants);
                own.assign(next_stock, own_end);
                next_stock = own_end;
            }
            const bool admitted = products[i] && filter_.admits(*products[i], own);
            // Full is only what another one does not fit into: no page after this is empty.
            full_ = (admitted && std::ssize(items_) == filter_.query.limit) ||
                    looked_at_ >= page_rows_max || (reads_ >= page_reads_max && looked_at_ > 0);
            if (full_) {
                break;
            }
            last_ = positions[i];
            ++looked_at_;
            if (admitted) {
                items_.push_back({*std::move(products[i]), std::move(own)});
            }
        }
        return end;
    }

    const ProductRepository& rows_;
    const Filter& filter_;
    const std::optional<stores::Store>& shop_;  // Whose shoppers look; nothing for staff.
    std::vector<ProductView> items_;
    std::string last_;
    std::size_t looked_at_ = 0;
    std::size_t reads_ = 0;
    bool full_ = false;
};

}  // namespace

Result<ListPage> Products::list(const Caller& caller, const ListQuery& query) const {
    const StoreId& store = caller.in_store();
    const bool staff = caller.may(Permission::catalog_read);
    std::optional<stores::Store> shop;
    if (!staff) {
        shop = TRY(stores_.store(store));
    }
    Filter filter{query, {}, query.tag ? ascii_lower(*query.tag) : ""};
    if (query.category) {
        filter.categories = TRY(categories_.subtree(store, *query.category));
    }
    const std::string scope = scope_of(store, filter, staff ? "staff" : "public");
    std::string after = TRY(open_cursor(ledger_.environment(), scope, query.cursor));
    if (query.category && filter.categories.empty()) {
        return ListPage{};
    }
    const ProductRepository rows = repository(store);
    ListReader reader(
        rows.rows(),
        staff ? std::vector{Side::published, Side::hidden} : std::vector{Side::published},
        TRY(filter.facets(rows.rows())), query, after);
    Filling page(rows, filter, shop);
    while (!page.full() && !reader.exhausted()) {
        TRY(page.take(TRY(reader.next(page.wanted()))));
    }
    ListPage result;
    if (page.full()) {
        result.next_cursor = seal_cursor(ledger_.environment(), scope, page.last());
    }
    result.items = std::move(page).items();
    return result;
}

}  // namespace souk::products
