#include <algorithm>
#include <set>

#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/order_events.h"
#include "domain/orders/orders.h"

namespace souk::orders {

namespace {

Result<void> check_left(const Order& order, const std::vector<LineQuantity>& parts) {
    std::set<LineId> named;
    std::vector<FieldError> mistakes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto line = line_of(order, parts[i].line);
        if (!line) {
            mistakes.push_back(
                {cat("/lines/", i, "/line_id"), "unknown_line", "The order has no such line."});
            continue;
        }
        if (!named.insert(line->id).second) {
            mistakes.push_back(
                {cat("/lines/", i, "/line_id"), "duplicate", "Each line may be named once."});
            continue;
        }
        const std::int64_t left = may_be_sent(order, *line);
        if (parts[i].quantity > left) {
            mistakes.push_back({cat("/lines/", i, "/quantity"), "too_large",
                                cat("Only ", left, " are left to send.")});
        }
    }
    return mistakes.empty() ? Result<void>{} : invalid_fields(std::move(mistakes));
}

}  // namespace

Result<void> Orders::capture(const StoreId& store, Order& order) const {
    if (order.payment.status != PaymentStatus::authorised) {
        return {};
    }
    TRY(payments_.capture(cat(order.id.text(), ":capture"), store, order.id));
    order.payment.status = PaymentStatus::captured;
    return {};
}

Result<Change<Order>> Orders::fulfil(const Caller& caller, const OrderId& id,
                                     const Fulfil& command) const {
    Change<Order> change{TRY(order(caller, id, {})), {}};
    Order& order = change.value;
    TRY(check_version(caller, order.version));
    // What counts as refunded may be wanted all the same: one came back, the other is to follow.
    const bool sends_more = order.status == Status::completed && !command.lines.empty() &&
                            std::ranges::any_of(order.lines, [&](const Line& line) {
                                return may_be_sent(order, line) > 0;
                            });
    if (order.status != Status::confirmed && !sends_more) {
        return fail(errors::illegal_transition,
                    cat("An order that is ", name_of(order.status), " cannot be sent."));
    }
    if (order.fulfilments.size() >= fulfilments_max) {
        return fail(errors::too_many_parts,
                    cat("At most ", fulfilments_max, " fulfilments an order."));
    }
    Fulfilment fulfilment{.id = ledger_.environment().fresh<FulfilmentId>(),
                          .lines = command.lines.empty() ? left_to_send(order) : command.lines,
                          .carrier = command.carrier,
                          .tracking_number = command.tracking_number,
                          .tracking_url = command.tracking_url,
                          .created_at = ledger_.environment().now()};
    if (fulfilment.lines.empty()) {
        return fail(errors::nothing_to_fulfil, "All of it has been sent or refunded.");
    }
    TRY(check_left(order, fulfilment.lines));
    const OrderRepository orders = repository(caller.in_store());
    if (order.payment.status == PaymentStatus::authorised) {
        // Said first: whoever dies between the provider's word and our record of it leaves money
        // taken for an order that nobody may ask about again.
        // Only of the order as it is: of one that was cancelled meanwhile nothing is taken.
        Changes said;
        orders.watch_capture(said, id, ledger_.environment().now() + money_patience, Expect::any());
        orders.expect_unchanged(said, order);
        TRY(ledger_.commit(said));
        TRY(capture(caller.in_store(), order));
        orders.forget_capture(change.changes, id, Expect::any());
    }
    order.fulfilments.push_back(fulfilment);
    if (order.status == Status::confirmed && fulfilment_status(order) == "fulfilled") {
        TRY(move(order, Status::completed));
    }
    note(order, "fulfilled", fulfilment.tracking_number, caller.principal.id);
    orders.put_head(change.changes, order);
    orders.add_fulfilment(change.changes, order, fulfilment);
    change.changes.announce(ledger_.event(caller.in_store(), "souk.order.fulfilled.v1", id.text(),
                                          fulfilled_body(order, fulfilment), caller.traceparent));
    return change;
}

}  // namespace souk::orders
