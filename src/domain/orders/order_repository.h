#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/orders/order.h"
#include "domain/ports/store_ledger.h"

namespace souk::orders {

struct OrderPage {
    std::vector<Order> orders;
    std::optional<std::string> cursor;  // The ledger's; not yet sealed for the public.
};

/// Which orders a list wants, newest first. Times bound placed_at: from <= t < to.
struct OrderFilter {
    std::optional<Status> status;
    std::optional<UserId> customer;
    std::optional<Instant> from, to;
};

/// What is known of a cart's orders. Each is numbered after the one before, which has ended.
struct CartHold {
    std::optional<OrderId> order;  // The live one, if there is one.
    std::int64_t attempts = 0;     // The number of the last.
    std::uint64_t version = 0;     // The row's; 0 when there is none yet.

    [[nodiscard]] Expect unchanged() const { return Expect::as_read(version); }
};

/// The orders of one store. An order is one partition: its head, its lines in chunks, a row for
/// each fulfilment and refund; its timeline is a partition beside it.
class OrderRepository {
public:
    explicit OrderRepository(StoreLedger ledger) : ledger_(std::move(ledger)) {}

    [[nodiscard]] Result<std::optional<Order>> find(const OrderId& id) const;
    /// Of its head alone.
    [[nodiscard]] Result<std::optional<Status>> status_of(const OrderId& id) const;
    [[nodiscard]] Result<CartHold> hold_on(std::string_view cart_key) const;
    /// Binds `changes` to the hold being as it was read.
    void bind(Changes& changes, std::string_view cart_key, const CartHold& hold) const;
    [[nodiscard]] Result<OrderPage> list(const OrderFilter& filter, int limit,
                                         std::string cursor) const;
    [[nodiscard]] Result<std::vector<TimelineEntry>> timeline(const OrderId& id) const;

    /// A new order, with what lists and the cart's hold need; `hold` as it was read.
    void add(Changes& changes, Order& order, const CartHold& hold) const;
    /// The head, at the version that the order was read with, and the order's news to its
    /// timeline. Raises order.version.
    void put_head(Changes& changes, Order& order) const;
    /// Nothing but a condition: that the order is as it was read.
    void expect_unchanged(Changes& changes, const Order& order) const;
    void add_fulfilment(Changes& changes, const Order& order, const Fulfilment& fulfilment) const;
    /// A capture that was asked for and is not recorded: a row that is due until it is.
    void watch_capture(Changes& changes, const OrderId& id, Instant due, Expect expect) const;
    [[nodiscard]] Result<std::optional<StoreRow>> watched_capture(const OrderId& id) const;
    void forget_capture(Changes& changes, const OrderId& id, Expect expect) const;
    /// Nothing but a condition: that none is under way.
    void expect_no_capture(Changes& changes, const OrderId& id) const;
    void put_refund(Changes& changes, const Order& order, const Refund& refund) const;
    /// Lets the cart be ordered again. The count of its orders outlives the cart.
    void release_cart(Changes& changes, const Order& order, Instant now) const;

    /// The next number of this store: from a block that one commit reserves. Gaps are allowed.
    [[nodiscard]] Result<std::int64_t> reserve_numbers(const ServiceLedger& service,
                                                       std::int64_t count) const;
    /// Where an order's commits can be watched.
    [[nodiscard]] std::string watched(const OrderId& id) const;

private:
    [[nodiscard]] Result<std::optional<Order>> read(const OrderId& id) const;
    /// Of a customer's orders those with one status, told from their heads.
    [[nodiscard]] Result<OrderPage> sift(StoreQuery query, const OrderFilter& filter,
                                         int limit) const;

    StoreLedger ledger_;
};

}  // namespace souk::orders
