#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/carts/contract.h"
#include "domain/orders/order.h"
#include "domain/orders/order_repository.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/payments.h"
#include "domain/ports/route.h"
#include "domain/ports/unit_of_work.h"

namespace souk::orders {

struct OrdersOptions {
    /// An order whose payment has not been decided by then is cancelled.
    std::chrono::seconds payment_deadline{15 * 60};
};

struct PlaceOrder {
    CartId cart;
    std::optional<std::uint64_t> cart_version;  // What the shopper saw.
    std::string provider;
    std::string payment_method;
};

/// A new order, and the guest's token to read it with (empty for customers).
struct PlacedOrder {
    Order order;
    std::string token;
};

struct Fulfil {
    std::vector<LineQuantity> lines;  // Empty: all that is left to send.
    std::string carrier, tracking_number, tracking_url;
};

struct RefundLine {
    LineId line;
    std::int64_t quantity = 0;
    bool restock = false;
};
struct AskRefund {
    std::vector<RefundLine> lines;
    std::optional<Money> amount;  // Neither lines nor amount: all that is left.
    bool restock_all = false;     // Not of an amount without lines.
    std::string reason;
};

/// The orders service: checkout as a saga (ARCHITECTURE.md has the diagram). Verbs say what to
/// commit; routes.cc and reactions.cc commit it, each step with its events.
class Orders {
public:
    Orders(ServiceLedger ledger, AllStores all_stores, const carts::CartReader& carts,
           Payments& payments, OrdersOptions options)
        : ledger_(std::move(ledger)),
          platform_(ledger_.platform(all_stores)),
          carts_(carts),
          payments_(payments),
          options_(options) {}

    /// Turns the caller's open cart into an order at the prices, shipping and tax that the shopper
    /// saw. A cart without an e-mail is ordered under that of the signed-in customer.
    /// Errors: not_found, cart_empty, email_required, cart_changed, price_changed,
    /// item_unavailable,
    ///         cart_already_ordered.
    /// Effects: one commit: the order, its hold on the cart and order.placed.
    [[nodiscard]] Result<Change<PlacedOrder>> place(const Caller& caller,
                                                    const PlaceOrder& command);

    /// Stock is reserved: asks for payment. Effects: awaiting_payment, then confirmed or cancelled.
    [[nodiscard]] Result<Changes> pay(const StoreId& store, const OrderId& id,
                                      std::string_view traceparent) const;
    /// There was no stock. Effects: cancelled, order.cancelled.
    [[nodiscard]] Result<Changes> reject(const StoreId& store, const OrderId& id,
                                         std::string_view reason, std::string_view detail,
                                         std::string_view traceparent) const;
    /// After a cancellation: reserved money is let go. Of money that was taken, a refund of all
    /// that no other refund gives back is asked for, so that an order's refunds add up to it.
    [[nodiscard]] Result<Changes> release_payment(const StoreId& store, const OrderId& id,
                                                  std::string_view traceparent) const;
    /// Carries out a refund that was asked for. One of a cancelled order whose money was not taken
    /// yet fails: release_payment voids it. Effects: order.refunded.
    [[nodiscard]] Result<Changes> pay_refund(const StoreId& store, const OrderId& id,
                                             const RefundId& refund,
                                             std::string_view traceparent) const;

    /// Errors: not_found, order_not_cancellable, version_mismatch.
    [[nodiscard]] Result<Change<Order>> cancel(const Caller& caller, const OrderId& id,
                                               std::string_view reason) const;
    /// Takes the money if it is only reserved, and completes the order when nothing is left to
    /// send. Errors: not_found, illegal_transition, nothing_to_fulfil, too_many_parts, and those of
    /// Payments.
    [[nodiscard]] Result<Change<Order>> fulfil(const Caller& caller, const OrderId& id,
                                               const Fulfil& command) const;
    /// Records the wish; the money follows in a step of its own, under the refund's id, so that no
    /// retry pays twice. Errors: not_found, illegal_transition, nothing_to_refund,
    /// validation_failed, too_many_parts.
    [[nodiscard]] Result<Change<Order>> ask_refund(const Caller& caller, const OrderId& id,
                                                   const AskRefund& command) const;

    /// Seen by staff, by its customer, or by the guest with its token; else not_found.
    [[nodiscard]] Result<Order> order(const Caller& caller, const OrderId& id,
                                      std::string_view token) const;
    [[nodiscard]] Result<OrderPage> list(const Caller& caller, const OrderFilter& filter, int limit,
                                         std::string cursor) const;
    [[nodiscard]] Result<std::vector<TimelineEntry>> timeline(const Caller& caller,
                                                              const OrderId& id) const;

    /// Cancels what has passed its deadline, asks anew for payments that nobody answered, and
    /// finishes what the provider owes and no message asks for any more; a bounded batch. Returns
    /// how many orders were settled or put off: what fails is no reason to begin again at once.
    [[nodiscard]] Result<int> sweep(Instant now) const;

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }
    [[nodiscard]] OrderRepository repository(const StoreId& store) const {
        return OrderRepository(ledger_.store(store));
    }

private:
    [[nodiscard]] Result<Order> order_of(const StoreId& store, const OrderId& id) const;
    [[nodiscard]] Result<std::int64_t> next_number(const StoreId& store);
    /// The lowest number at hand, or nothing. Shape: `numbers_mutex_` is held.
    [[nodiscard]] std::optional<std::int64_t> take_number(const StoreId& store);
    [[nodiscard]] Result<Order> order_from(const Caller& caller, const PlaceOrder& command,
                                           const carts::Checkout& checkout) const;
    [[nodiscard]] Result<Order> await_payment(const StoreId& store, const OrderId& id) const;
    [[nodiscard]] Changes cancelled(const StoreId& store, Order& order, std::string reason,
                                    std::string_view actor, std::string_view traceparent) const;
    [[nodiscard]] Changes confirmed(const StoreId& store, Order& order,
                                    const Authorisation& authorisation,
                                    std::string_view traceparent) const;
    /// News of the order, now; to be told before the head is put.
    void note(Order& order, std::string type, std::string detail, std::string_view actor) const;
    [[nodiscard]] Result<void> capture(const StoreId& store, Order& order) const;
    void ask_for_the_rest(Changes& changes, const StoreId& store, Order& order,
                          std::string_view traceparent) const;
    /// Of the order's last refund, which is new; to be called before the head is put.
    void announce_refund(Changes& changes, const StoreId& store, Order& order,
                         std::string_view actor, std::string_view traceparent) const;
    /// Sets when the sweep looks after what the provider owes, or has yet to say; to be called
    /// before the head is put.
    void watch_money(Order& order) const;
    [[nodiscard]] Result<void> expire(const StoreId& store, const OrderId& id, Instant now) const;
    enum class Provider { answers, is_away };
    /// Of a provider that is away, nothing is asked: its due time moves all the same, or a heap of
    /// such orders would hide the deadlines behind it.
    [[nodiscard]] Result<void> finish_money(const StoreId& store, const OrderId& id, Instant now,
                                            Provider provider) const;
    [[nodiscard]] Result<void> finish_capture(const StoreId& store, const OrderId& id, Instant now,
                                              Provider provider) const;

    ServiceLedger ledger_;
    PlatformLedger platform_;
    const carts::CartReader& carts_;
    Payments& payments_;
    OrdersOptions options_;

    /// Order numbers come in blocks, so that orders of one store do not wait for one row. A store
    /// has several where several of its orders found none at once.
    struct NumberBlock {
        std::int64_t next = 0, end = 0;
    };
    std::mutex numbers_mutex_;  // Of all stores, so never held over the ledger.
    std::map<StoreId, std::vector<NumberBlock>> numbers_;  // In order; none is used up.
};

[[nodiscard]] std::vector<Route> routes(Orders& orders);
[[nodiscard]] std::vector<Reaction> reactions(const Orders& orders);
/// The queues of those reactions and the types that they take.
[[nodiscard]] std::vector<Subscription> subscriptions();

}  // namespace souk::orders
