#include "domain/products/categories.h"

#include <algorithm>
#include <set>

#include "domain/base/folding.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/products/errors.h"
#include "domain/products/limits.h"
#include "domain/products/listing.h"
#include "domain/products/product.h"
#include "domain/products/product_repository.h"

namespace souk::products {

namespace {

constexpr std::string_view partition_name = "categories";
constexpr const char* count_counter = "free";
/// How many numbered handles are tried for a name that is taken.
constexpr int handle_tries = 20;

StoreKey marker_key(std::string_view handle) { return {cat("category-handle#", handle), "owner"}; }
/// Its version counts what was put into the category, products and categories. A row of its own, so
/// that these make no new version of the category.
StoreKey joined_key(const CategoryId& id) { return {cat("category-joined#", id.text()), "count"}; }
StoreKey count_key() { return {"category-count", "count"}; }

std::string encode(const Category& category) {
    JsonWriter out;
    out.begin_object()
        .member("v", 1)
        .member("handle", category.handle)
        .member("name", category.name)
        .member("parent", category.parent ? std::optional(category.parent->text()) : std::nullopt)
        .member("position", category.position)
        .end_object();
    return out.take();
}

Result<Category> decode(const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    Category category{.id = CategoryId::trusted(row.sort),
                      .handle = root["handle"].text_or(),
                      .name = root["name"].text_or(),
                      .position = root["position"].integer_or(0),
                      .version = row.version};
    if (const auto parent = root["parent"].string()) {
        category.parent = CategoryId::trusted(std::string(*parent));
    }
    return category;
}

void apply(const CategoryPatch& patch, Category& category) {
    category.handle = patch.handle.value_or(category.handle);
    category.name = patch.name.value_or(category.name);
    category.position = patch.position.value_or(category.position);
    if (patch.parent) {
        category.parent = *patch.parent;
    }
}

std::unexpected<Error> handle_taken(std::string_view handle) {
    const std::string detail = cat("Another category of the store has the handle ", handle, ".");
    return fail(Error{errors::handle_taken, detail, {{"/handle", "handle_taken", detail}}});
}

void put_marker(const StoreLedger& rows, Changes& changes, const Category& category) {
    const StoreKey key = marker_key(category.handle);
    rows.put(changes,
             {.partition = key.partition,
              .sort = key.sort,
              .body = cat(R"({"v":1,"category":")", category.id.text(), "\"}")},
             Expect::absent());
}

void put_category(const StoreLedger& rows, Changes& changes, const Category& category,
                  Expect expect) {
    const StoreKey key = category_key(category.id);
    rows.put(changes, {.partition = key.partition, .sort = key.sort, .body = encode(category)},
             expect);
}

void put_joined(const StoreLedger& rows, Changes& changes, const CategoryId& id) {
    const StoreKey joined = joined_key(id);
    rows.put(changes, {.partition = joined.partition, .sort = joined.sort, .body = "{}"},
             Expect::any());
}

/// The name as a handle, numbered when it is taken; one that leaves no letter is named after the
/// id.
Result<std::string> free_handle(const StoreLedger& rows, const Category& category) {
    const std::string stem = handle_from(category.name, handle_max - 4);
    if (stem.empty()) {
        return slug_from(category.id.text());
    }
    std::string handle = stem;
    for (int number = 2; number < handle_tries; ++number) {
        const StoreKey marker = marker_key(handle);
        if (!TRY(rows.find(marker.partition, marker.sort))) {
            return handle;
        }
        handle = cat(stem, '-', number);
    }
    return slug_from(category.id.text());
}

Result<Category> find(const StoreLedger& rows, const CategoryId& id) {
    const StoreKey key = category_key(id);
    const auto row = TRY(rows.find(key.partition, key.sort));
    if (!row) {
        return fail(errors::not_found, "The store has no such category.");
    }
    return TRY(decode(*row));
}

}  // namespace

StoreKey category_key(const CategoryId& id) { return {std::string(partition_name), id.text()}; }

void join(Changes& changes, const StoreLedger& rows, const CategoryId& id) {
    const StoreKey category = category_key(id);
    rows.check(changes, category.partition, category.sort, Expect::present());
    put_joined(rows, changes, id);
}

Result<std::vector<Category>> Categories::all(const StoreLedger& rows) const {
    const StorePage page = TRY(rows.query(
        {.partition = std::string(partition_name), .limit = static_cast<int>(categories_max)}));
    std::vector<Category> categories;
    for (const auto& row : page.rows) {
        categories.push_back(TRY(decode(row)));
    }
    return categories;
}

Result<CategoryPage> Categories::list(const StoreId& store, int limit,
                                      std::string_view cursor) const {
    const Environment& environment = ledger_.environment();
    const std::string scope = cat("categories#", store.text());
    const std::string after = TRY(open_cursor(environment, scope, cursor));
    const auto place = [](const Category& c) {
        return cat(zero_padded(static_cast<std::uint64_t>(c.position), 7), folded(c.name), '#',
                   c.id.text());
    };
    auto categories = TRY(all(ledger_.store(store)));
    std::ranges::sort(categories, {}, place);
    CategoryPage page;
    for (auto& category : categories) {
        if (!after.empty() && place(category) <= after) {
            continue;
        }
        if (std::ssize(page.items) == limit) {
            page.next_cursor = seal_cursor(environment, scope, place(page.items.back()));
            break;
        }
        page.items.push_back(std::move(category));
    }
    return page;
}

Result<Category> Categories::category(const StoreId& store, std::string_view id_or_handle) const {
    const auto id = TRY(resolve(store, id_or_handle));
    if (!id) {
        return fail(errors::not_found, "The store has no such category.");
    }
    return find(ledger_.store(store), *id);
}

Result<Change<Category>> Categories::create(const Caller& caller,
                                            const CategoryPatch& command) const {
    const StoreLedger rows = ledger_.store(caller.in_store());
    Category category{.id = ledger_.environment().fresh<CategoryId>(), .handle = {}, .name = {}};
    apply(command, category);
    if (category.handle.empty()) {
        category.handle = TRY(free_handle(rows, category));
    }
    const StoreKey marker = marker_key(category.handle);
    if (TRY(rows.find(marker.partition, marker.sort))) {
        return handle_taken(category.handle);
    }
    const StoreKey count = count_key();
    const auto counted = TRY(rows.find(count.partition, count.sort));
    const auto used = counted ? counted->counters.find(count_counter) : Counters::const_iterator{};
    if (counted && used != counted->counters.end() && used->second <= -categories_max) {
        return fail(errors::too_many_categories, cat("A store has at most ", categories_max, "."));
    }
    Changes changes;
    TRY(check_parent(rows, category, changes));
    put_category(rows, changes, category, Expect::absent());
    put_marker(rows, changes, category);
    // Counts down from zero, because counters are bounded from below.
    rows.add(changes, count.partition, count.sort, {{count_counter, -1, -categories_max}},
             Expect::any());
    category.version = 1;
    return Change<Category>{std::move(category), std::move(changes)};
}

Result<Change<Category>> Categories::change(const Caller& caller, const CategoryId& id,
                                            const CategoryPatch& command) const {
    const StoreLedger rows = ledger_.store(caller.in_store());
    const Category before = TRY(find(rows, id));
    TRY(check_version(caller, before.version));
    Category after = before;
    apply(command, after);
    Changes changes;
    if (encode(after) == encode(before)) {
        return Change<Category>{std::move(after), std::move(changes)};
    }
    if (after.handle != before.handle) {
        const StoreKey marker = marker_key(after.handle);
        if (TRY(rows.find(marker.partition, marker.sort))) {
            return handle_taken(after.handle);
        }
        put_marker(rows, changes, after);
        const StoreKey old = marker_key(before.handle);
        rows.erase(changes, old.partition, old.sort, Expect::any());
    }
    if (after.parent != before.parent) {
        TRY(check_parent(rows, after, changes));
    }
    put_category(rows, changes, after, Expect::at(before.version));
    ++after.version;
    return Change<Category>{std::move(after), std::move(changes)};
}

/// The parent and all above it exist and are not the category itself; they are checked again by the
/// commit, so that two moves at once cannot close a circle.
Result<void> Categories::check_parent(const StoreLedger& rows, const Category& category,
                                      Changes& changes) const {
    std::optional<CategoryId> above = category.parent;
    for (std::size_t depth = 1; above; ++depth) {
        if (*above == category.id) {
            return invalid_field("/parent_id", "circular", "A category cannot be below itself.");
        }
        if (depth >= category_depth_max) {
            return invalid_field("/parent_id", "too_deep",
                                 cat("At most ", category_depth_max, " levels."));
        }
        const StoreKey key = category_key(*above);
        const auto row = TRY(rows.find(key.partition, key.sort));
        if (!row) {
            return invalid_field("/parent_id", "unknown_category",
                                 "The store has no such category.");
        }
        rows.check(changes, key.partition, key.sort, Expect::at(row->version));
        if (depth == 1) {
            put_joined(rows, changes, *above);
        }
        above = TRY(decode(*row)).parent;
    }
    return {};
}

Result<bool> Categories::has_products(const StoreLedger& rows, const CategoryId& id) const {
    const ProductRepository repository(rows);
    for (const Side side : {Side::published, Side::hidden}) {
        const StorePage page =
            TRY(rows.query({.partition = list_partition(side, facet_of(id), SortBy::created)}));
        for (const auto& row : page.rows) {
            const auto product_id = product_at(row.sort);
            const auto product = product_id ? TRY(repository.find(*product_id)) : std::nullopt;
            if (product &&
                std::ranges::find(product->categories, id) != product->categories.end()) {
                return true;
            }
        }
    }
    return false;
}

Result<Change<Done>> Categories::remove(const Caller& caller, const CategoryId& id) const {
    const StoreLedger rows = ledger_.store(caller.in_store());
    const Category category = TRY(find(rows, id));
    TRY(check_version(caller, category.version));
    // Read before what it holds is looked for: whatever is put into it after this shows there.
    const StoreKey joined = joined_key(id);
    const auto before = TRY(rows.find(joined.partition, joined.sort));
    const auto categories = TRY(all(rows));
    if (std::ranges::find(categories, std::optional(id), &Category::parent) != categories.end()) {
        return fail(errors::category_in_use, "It has categories below it.");
    }
    if (TRY(has_products(rows, id))) {
        return fail(errors::category_in_use, "It has products; take them out of it first.");
    }
    Changes changes;
    const StoreKey key = category_key(id);
    const StoreKey marker = marker_key(category.handle);
    const StoreKey count = count_key();
    rows.erase(changes, key.partition, key.sort, Expect::at(category.version));
    rows.erase(changes, marker.partition, marker.sort, Expect::any());
    if (before) {
        rows.erase(changes, joined.partition, joined.sort, Expect::at(before->version));
    } else {
        rows.check(changes, joined.partition, joined.sort, Expect::absent());
    }
    rows.add(changes, count.partition, count.sort, {{count_counter, 1, {}}}, Expect::any());
    return Change<Done>{Done{}, std::move(changes)};
}

Result<std::vector<CategoryId>> Categories::subtree(const StoreId& store,
                                                    std::string_view id_or_handle) const {
    std::vector<CategoryId> found;
    if (const auto top = TRY(resolve(store, id_or_handle))) {
        found.push_back(*top);
        const auto categories = TRY(all(ledger_.store(store)));
        for (std::size_t i = 0; i < found.size(); ++i) {
            for (const auto& category : categories) {
                if (category.parent == found[i]) {
                    found.push_back(category.id);
                }
            }
        }
    }
    return found;
}

Result<std::optional<CategoryId>> Categories::resolve(const StoreId& store,
                                                      std::string_view id_or_handle) const {
    const StoreLedger rows = ledger_.store(store);
    if (const auto id = CategoryId::parse(id_or_handle)) {
        const StoreKey key = category_key(*id);
        return TRY(rows.find(key.partition, key.sort)) ? std::optional(*id) : std::nullopt;
    }
    const StoreKey key = marker_key(id_or_handle);
    const auto row = TRY(rows.find(key.partition, key.sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument document = TRY(JsonDocument::parse(row->body));
    return CategoryId::trusted(document.root()["category"].text_or());
}

}  // namespace souk::products
