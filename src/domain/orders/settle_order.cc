#include "domain/base/text.h"
#include "domain/orders/order_events.h"
#include "domain/orders/orders.h"

/// The middle of the saga: stock has spoken, payment is asked, the order is confirmed or cancelled.
namespace souk::orders {

Result<Order> Orders::order_of(const StoreId& store, const OrderId& id) const {
    auto order = TRY(repository(store).find(id));
    if (!order) {
        // The event that names it was committed with it: it must be there, if not on this reader
        // yet.
        return fail(souk::errors::not_yet, "The order is not visible yet.");
    }
    return *std::move(order);
}

void Orders::note(Order& order, std::string type, std::string detail,
                  std::string_view actor) const {
    order.news.push_back(
        {ledger_.environment().now(), std::move(type), std::move(detail), std::string(actor)});
}

void Orders::watch_money(Order& order) const {
    const Instant now = ledger_.environment().now();
    order.money_due.reset();
    if (!is_settled(order.status)) {
        order.money_due = now + payment_patience;
    } else if (owes_money(order)) {
        order.money_due = now + money_patience;
    }
}

Changes Orders::cancelled(const StoreId& store, Order& order, std::string reason,
                          std::string_view actor, std::string_view traceparent) const {
    order.release_open = order.status != Status::pending;  // The provider was asked.
    CHECK(move(order, Status::cancelled).has_value());
    watch_money(order);
    order.cancel_reason = std::move(reason);
    note(order, "cancelled", order.cancel_reason, actor);
    Changes changes;
    const OrderRepository orders = repository(store);
    orders.put_head(changes, order);
    orders.release_cart(changes, order, ledger_.environment().now());
    changes.announce(ledger_.event(store, "souk.order.cancelled.v1", order.id.text(),
                                   cancelled_body(order), traceparent));
    return changes;
}

Changes Orders::confirmed(const StoreId& store, Order& order, const Authorisation& authorisation,
                          std::string_view traceparent) const {
    CHECK(move(order, Status::confirmed).has_value());
    order.payment.status = PaymentStatus::authorised;
    order.payment.reference = authorisation.reference;
    watch_money(order);
    note(order, "confirmed", "Payment authorised.", "system");
    Changes changes;
    repository(store).put_head(changes, order);
    changes.announce(ledger_.event(store, "souk.order.confirmed.v1", order.id.text(),
                                   confirmed_body(order), traceparent));
    return changes;
}

Result<Order> Orders::await_payment(const StoreId& store, const OrderId& id) const {
    // A commit of its own, before the provider is asked: whoever cancels the order from now on
    // knows that there may be a payment to give back.
    return perform(ledger_, [&]() -> Result<Change<Order>> {
        Change<Order> change{TRY(order_of(store, id)), {}};
        if (change.value.status == Status::pending) {
            TRY(move(change.value, Status::awaiting_payment));
            note(change.value, "stock_reserved", "", "system");
            repository(store).put_head(change.changes, change.value);
        }
        return change;
    });
}

Result<Changes> Orders::pay(const StoreId& store, const OrderId& id,
                            std::string_view traceparent) const {
    Order order = TRY(await_payment(store, id));
    if (order.status != Status::awaiting_payment) {
        return Changes{};  // Cancelled meanwhile, or paid by an earlier delivery of this event.
    }
    const Authorisation authorisation = TRY(
        payments_.authorise(id.text(), {store, id, order.payment.amount, order.payment.method}));
    switch (authorisation.status) {
        case Authorisation::Status::authorised:
            return confirmed(store, order, authorisation, traceparent);
        case Authorisation::Status::declined:
            order.payment.status = PaymentStatus::declined;
            order.payment.decline_reason = authorisation.reason;
            return cancelled(store, order, "payment_declined", "system", traceparent);
        case Authorisation::Status::pending: break;  // The deadline decides.
    }
    return Changes{};
}

Result<Changes> Orders::reject(const StoreId& store, const OrderId& id, std::string_view reason,
                               std::string_view detail, std::string_view traceparent) const {
    Order order = TRY(order_of(store, id));
    if (order.status != Status::pending) {
        return Changes{};
    }
    if (!detail.empty()) {
        note(order, "stock_rejected", std::string(detail), "system");
    }
    return cancelled(store, order, std::string(reason), "system", traceparent);
}

Result<Changes> Orders::release_payment(const StoreId& store, const OrderId& id,
                                        std::string_view traceparent) const {
    Order order = TRY(order_of(store, id));
    if (order.status != Status::cancelled) {
        return Changes{};
    }
    const auto standing = TRY(payments_.standing(store, id));
    const bool was_taken = standing.was_captured();
    Changes changes;
    if (!was_taken) {
        // Also when nothing was authorised: an authorisation that is still on its way must not
        // outlive the order.
        TRY(payments_.cancel(cat(id.text(), ":cancelled"), store, id));
    } else if (standing.status != "refunded") {
        ask_for_the_rest(changes, store, order, traceparent);
    }
    const bool had_money = standing.status == "authorised" || was_taken ||
                           order.payment.status == PaymentStatus::authorised;
    const PaymentStatus after = was_taken ? PaymentStatus::refunded : PaymentStatus::voided;
    const bool is_news = had_money && order.payment.status != after &&
                         !(was_taken && has_open_refund(order));  // It tells when it is done.
    if (!is_news && !order.release_open && changes.empty()) {
        return changes;
    }
    order.release_open = false;
    watch_money(order);
    if (is_news) {
        order.payment.status = after;
        note(order, "payment_released", std::string(name_of(after)), "system");
    }
    repository(store).put_head(changes, order);
    return changes;
}

void Orders::ask_for_the_rest(Changes& changes, const StoreId& store, Order& order,
                              std::string_view traceparent) const {
    const Money rest = refundable(order);
    if (rest.amount <= 0) {
        return;  // A free order has nothing that could be given back.
    }
    const Environment& environment = ledger_.environment();
    order.refunds.push_back({.id = environment.fresh<RefundId>(),
                             .amount = rest,
                             .reason = "order_cancelled",
                             .created_at = environment.now()});
    announce_refund(changes, store, order, "system", traceparent);
}

void Orders::announce_refund(Changes& changes, const StoreId& store, Order& order,
                             std::string_view actor, std::string_view traceparent) const {
    const Refund& refund = order.refunds.back();
    repository(store).put_refund(changes, order, refund);
    note(order, "refund_requested", refund.reason, actor);
    changes.announce(ledger_.event(store, "souk.order.refund_requested.v1", order.id.text(),
                                   refund_requested_body(order, refund), traceparent));
}

}  // namespace souk::orders
