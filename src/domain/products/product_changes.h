#pragma once

#include <map>
#include <optional>

#include "domain/ports/store_ledger.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/product_repository.h"

/// From a decision about one product to the rows that it means: the product, its handle, SKUs,
/// stock and list rows.
///
/// All of it is one commit while it fits. What does not fit goes in three steps that a crash may
/// cut anywhere:
///   1. a `surplus` row that names the rows about to be added, then those rows, in chunks;
///   2. the product's own commit, which makes them true and puts the rows that it outgrew into
///   `surplus`;
///   3. `tidy`, which erases what `surplus` names and the product does not derive.
/// Rows that no product derives are never believed, so each step leaves the catalogue right.
namespace souk::products {

/// How long after the first step a change that was never finished is swept away.
inline constexpr std::chrono::minutes surplus_due{10};

struct ProductDecision {
    std::optional<Product> before;                         // Nothing: the product is new.
    std::optional<Product> after;                          // Nothing: it is deleted.
    std::map<VariantId, std::int64_t> opening_stock = {};  // On hand, for variants that are new.
    Changes with = {};  // What else belongs into the commit: events, checks.
};

/// What to commit; `untidy` says that `tidy` should follow.
struct ProductChanges {
    Changes changes;
    bool untidy = false;
};

class ProductWriter {
public:
    ProductWriter(const ServiceLedger& ledger, const StoreId& store)
        : ledger_(ledger), rows_(ledger.store(store)), repository_(rows_) {}

    /// Errors: handle_taken and sku_taken (with pointers), product_too_large; ledger_conflict when
    /// another change of the same product came between the steps: see souk::rerun. Effects: none
    /// while one commit is enough; else the first step.
    [[nodiscard]] Result<ProductChanges> prepare(ProductDecision decision) const;
    /// Erases what changes of this product left over. Repeat: harmless, also beside a change under
    /// way, which then starts again.
    Result<void> tidy(const ProductId& product) const;

private:
    struct Plan;
    Result<Plan> plan(const ProductDecision& decision) const;
    Result<void> plan_handle(const ProductDecision& decision, Plan& plan) const;
    Result<void> plan_skus(const ProductDecision& decision, Plan& plan) const;
    void plan_stock(const ProductDecision& decision, Plan& plan) const;
    void plan_lists(const ProductDecision& decision, Plan& plan) const;
    Result<void> plan_words(const ProductDecision& decision, Plan& plan) const;
    Result<void> add_ahead(const StoreKey& surplus, Plan& plan) const;
    Result<std::map<std::string, Expect>> claims(const Product& after,
                                                 const std::vector<std::string>& skus) const;
    Result<bool> tidy_once(const ProductId& product) const;

    const ServiceLedger& ledger_;
    StoreLedger rows_;
    ProductRepository repository_;
};

}  // namespace souk::products
