#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/unit_of_work.h"

/// A store's categories: a small tree, kept in one partition so that it is read in one query.
namespace souk::products {

struct Category {
    CategoryId id;
    std::string handle;
    std::string name;
    std::optional<CategoryId> parent = {};
    std::int64_t position = 0;
    std::uint64_t version = 0;
};

struct CategoryPatch {
    std::optional<std::string> handle = {};
    std::optional<std::string> name = {};
    std::optional<std::optional<CategoryId>> parent = {};
    std::optional<std::int64_t> position = {};
};

struct CategoryPage {
    std::vector<Category> items;
    std::optional<std::string> next_cursor;
};

[[nodiscard]] StoreKey category_key(const CategoryId& id);

/// Binds `changes`, which put a product into the category, to its being there, and its removal to
/// no product having been put into it meanwhile: of the two, one happens.
void join(Changes& changes, const StoreLedger& rows, const CategoryId& id);

class Categories {
public:
    explicit Categories(const ServiceLedger& ledger) : ledger_(ledger) {}

    /// By position, then name.
    [[nodiscard]] Result<CategoryPage> list(const StoreId& store, int limit,
                                            std::string_view cursor) const;
    /// One of them, by id or handle. Errors: not_found.
    [[nodiscard]] Result<Category> category(const StoreId& store,
                                            std::string_view id_or_handle) const;
    /// A handle that was not named is made from the name, and numbered where that is taken.
    /// Errors: handle_taken, too_many_categories, validation_failed (unknown parent, too deep).
    [[nodiscard]] Result<Change<Category>> create(const Caller& caller,
                                                  const CategoryPatch& command) const;
    /// Errors: not_found, version_mismatch, those of `create`, validation_failed (a circle).
    [[nodiscard]] Result<Change<Category>> change(const Caller& caller, const CategoryId& id,
                                                  const CategoryPatch& command) const;
    /// Errors: not_found, version_mismatch, category_in_use while it has products or children.
    [[nodiscard]] Result<Change<Done>> remove(const Caller& caller, const CategoryId& id) const;
    /// The category that an id or a handle means and all that are below it, itself first; none if
    /// there is no such category.
    [[nodiscard]] Result<std::vector<CategoryId>> subtree(const StoreId& store,
                                                          std::string_view id_or_handle) const;
    /// The category that an id or a handle means; nothing if there is none.
    [[nodiscard]] Result<std::optional<CategoryId>> resolve(const StoreId& store,
                                                            std::string_view id_or_handle) const;

private:
    [[nodiscard]] Result<std::vector<Category>> all(const StoreLedger& rows) const;
    Result<void> check_parent(const StoreLedger& rows, const Category& category,
                              Changes& changes) const;
    [[nodiscard]] Result<bool> has_products(const StoreLedger& rows, const CategoryId& id) const;

    const ServiceLedger& ledger_;
};

}  // namespace souk::products
