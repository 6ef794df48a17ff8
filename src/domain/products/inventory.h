#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/unit_of_work.h"
#include "domain/products/product_repository.h"
#include "domain/products/reservation.h"
#include "domain/stores/contract.h"

namespace souk::products {

/// The stock of one SKU.
struct StockItem {
    std::string sku;
    ProductId product;
    VariantId variant;
    StockPolicy policy = StockPolicy::tracked;
    std::int64_t low_stock_threshold = 0;
    Stock stock;
};

/// Either a difference, or a new number on hand that replaces `expected`.
struct Adjustment {
    std::optional<std::int64_t> delta = {};
    std::int64_t set = 0;
    std::int64_t expected = 0;
    std::string reason = {};
};

/// One adjustment as it happened.
struct AdjustmentRecord {
    std::string id = {};
    std::int64_t delta = 0;
    std::int64_t on_hand = 0;  // Afterwards, as far as the adjuster saw.
    std::string reason = {};
    std::string by = {};  // The principal.
    Instant at = {};
};
struct AdjustmentPage {
    std::vector<AdjustmentRecord> items;  // Newest first.
    std::optional<std::string> next_cursor;
};

/// What there is of each variant, and what is promised to orders.
class Inventory {
public:
    Inventory(const ServiceLedger& ledger, const stores::StoreDirectory& stores)
        : ledger_(ledger), stores_(stores) {}

    /// Errors: not_found.
    [[nodiscard]] Result<StockItem> find(const StoreId& store, std::string_view sku) const;
    /// Errors: not_found, stock_untracked, stock_below_zero, stock_changed (with current_on_hand).
    [[nodiscard]] Result<Change<StockItem>> adjust(const Caller& caller, std::string_view sku,
                                                   const Adjustment& adjustment) const;
    [[nodiscard]] Result<AdjustmentPage> history(const StoreId& store, std::string_view sku,
                                                 int limit, std::string_view cursor) const;

    /// Promises the lines to the order, all or none; takes earlier commits when they do not fit
    /// one, and gives those back if the rest cannot be had. What is returned announces
    /// stock.reserved or stock.rejected. Repeat: harmless; also after a cancellation that came
    /// first.
    [[nodiscard]] Result<Changes> reserve(const Caller& caller, const OrderId& order,
                                          const std::vector<OrderedSku>& lines) const;
    /// Gives back what the order still has, once. Before the order is known it is remembered, so
    /// that nothing will be reserved.
    [[nodiscard]] Result<Changes> release(const Caller& caller, const OrderId& order) const;
    /// What was promised is sold, once. Errors: not_yet when nothing was reserved so far.
    [[nodiscard]] Result<Changes> sell(const Caller& caller, const OrderId& order) const;
    /// Takes back goods of an order, at most what it had. `refund` names the occasion: each counts
    /// once.
    [[nodiscard]] Result<Changes> restock(const Caller& caller, const OrderId& order,
                                          std::string_view refund,
                                          const std::vector<OrderedSku>& lines) const;

private:
    struct Attempt;
    Result<Attempt> attempt(const Caller& caller, const std::vector<OrderedSku>& lines) const;
    Result<std::optional<Changes>> reserve_step(const Caller& caller, const OrderId& order,
                                                const std::vector<OrderedSku>& lines) const;
    Result<std::optional<Changes>> reserve_chunk(const Caller& caller, const OrderId& order,
                                                 const std::vector<OrderedSku>& lines,
                                                 ReservationHead head) const;
    Result<std::optional<Changes>> reject(const Caller& caller, const OrderId& order,
                                          const Attempt& attempt, ReservationHead head) const;
    Result<std::optional<Changes>> release_step(const Caller& caller, const OrderId& order) const;
    Result<std::optional<Changes>> unwind(const Caller& caller, const OrderId& order,
                                          ReservationHead head, ReservationState end) const;
    Result<std::optional<Changes>> sell_step(const Caller& caller, const OrderId& order) const;
    Result<std::optional<Changes>> restock_step(const Caller& caller, const OrderId& order,
                                                std::string_view refund,
                                                const std::vector<OrderedSku>& lines) const;
    /// Adds the moves of rows that still exist; a variant that was deleted takes its stock along.
    Result<void> move(Changes& changes, const StoreLedger& rows,
                      const std::vector<StockMove>& moves) const;

    const ServiceLedger& ledger_;
    const stores::StoreDirectory& stores_;
};

/// Adds a line to the variant's history: `record` by this caller, now.
void record_adjustment(Changes& changes, const ServiceLedger& ledger, const Caller& caller,
                       const VariantId& variant, AdjustmentRecord record);

/// The warning that a SKU runs low.
[[nodiscard]] Event stock_low_event(const ServiceLedger& ledger, const Caller& caller,
                                    std::string_view sku, std::int64_t available);

}  // namespace souk::products
