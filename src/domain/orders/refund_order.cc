#include <algorithm>

#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/order_events.h"
#include "domain/orders/orders.h"

namespace souk::orders {

namespace {

bool has_money(const Order& order) {
    switch (order.payment.status) {
        case PaymentStatus::authorised:
        case PaymentStatus::captured:
        case PaymentStatus::partially_refunded: return true;
        case PaymentStatus::none:
        case PaymentStatus::refunded:
        case PaymentStatus::voided:
        case PaymentStatus::declined: return false;
    }
    return false;
}

/// The lines of a refund of all that is left.
std::vector<RefundLine> all_left(const Order& order, bool restock) {
    std::vector<RefundLine> left;
    for (const auto& line : order.lines) {
        const std::int64_t quantity = line.quantity - refunded_of(order, line.id);
        if (quantity > 0) {
            left.push_back({line.id, quantity, restock});
        }
    }
    return left;
}

/// Adds the named lines, and what they are worth, to the refund.
void take_lines(const Order& order, const std::vector<RefundLine>& lines, Refund& refund,
                std::vector<FieldError>& mistakes) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& part = lines[i];
        const auto line = line_of(order, part.line);
        if (!line) {
            mistakes.push_back(
                {cat("/lines/", i, "/line_id"), "unknown_line", "The order has no such line."});
            continue;
        }
        if (std::ranges::find(refund.lines, part.line, &LineQuantity::line) != refund.lines.end()) {
            mistakes.push_back(
                {cat("/lines/", i, "/line_id"), "duplicate", "Each line may be named once."});
            continue;
        }
        const std::int64_t done = refunded_of(order, part.line);
        if (done + part.quantity > line->quantity) {
            mistakes.push_back({cat("/lines/", i, "/quantity"), "too_large",
                                cat("Only ", line->quantity - done, " are left to refund.")});
            continue;
        }
        refund.amount.amount += share_of(order, *line, done, part.quantity).amount;
        refund.lines.push_back({part.line, part.quantity});
        if (part.restock) {
            refund.restock.push_back({part.line, part.quantity});
        }
    }
}

Result<Refund> refund_from(const Order& order, const AskRefund& command,
                           const Environment& environment) {
    const Money left = refundable(order);
    Refund refund{.id = environment.fresh<RefundId>(),
                  .amount = {left.currency, 0},
                  .reason = command.reason,
                  .created_at = environment.now()};
    const bool everything = command.lines.empty() && !command.amount;
    std::vector<FieldError> mistakes;
    take_lines(order, everything ? all_left(order, command.restock_all) : command.lines, refund,
               mistakes);
    const bool are_free = !refund.lines.empty() && refund.amount.amount == 0;
    if (everything) {
        refund.amount = left;  // Shipping too.
    } else if (command.amount) {
        refund.amount = *command.amount;
    }
    // Gifts come back, and orders end, like all others: nothing is paid for them.
    const bool pays_nothing = are_free && refund.amount.amount == 0;
    if (mistakes.empty() && left.amount <= 0 && !pays_nothing) {
        return fail(errors::nothing_to_refund, "All of it has been refunded.");
    }
    const bool is_known = command.amount || mistakes.empty();
    if (command.amount && command.amount->currency != left.currency) {
        mistakes.push_back(
            {"/amount/currency", "currency_mismatch", "The order has another currency."});
    } else if (is_known && !pays_nothing &&
               (refund.amount.amount <= 0 || refund.amount.amount > left.amount)) {
        mistakes.push_back({command.amount ? "/amount" : "/lines",
                            refund.amount.amount <= 0 ? "too_small" : "too_large",
                            cat("Between 1 and ", left.amount, " can be refunded.")});
    }
    if (command.restock_all && command.lines.empty() && command.amount) {
        mistakes.push_back({"/restock", "lines_required",
                            "An amount says nothing of goods: name the lines to restock."});
    }
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    return refund;
}

}  // namespace

Result<Change<Order>> Orders::ask_refund(const Caller& caller, const OrderId& id,
                                         const AskRefund& command) const {
    Change<Order> change{TRY(order(caller, id, {})), {}};
    Order& order = change.value;
    TRY(check_version(caller, order.version));
    if ((order.status != Status::confirmed && order.status != Status::completed) ||
        !has_money(order)) {
        return fail(order.payment.status == PaymentStatus::refunded ? errors::nothing_to_refund
                                                                    : errors::illegal_transition,
                    cat("An order that is ", name_of(order.status), " with a payment ",
                        name_of(order.payment.status), " cannot be refunded."));
    }
    if (order.refunds.size() >= refunds_max) {
        return fail(errors::too_many_parts, cat("At most ", refunds_max, " refunds an order."));
    }
    const Refund refund = TRY(refund_from(order, command, ledger_.environment()));
    order.refunds.push_back(refund);
    // Now, not once the money is on its way.
    if (refunded_body(order, refund).size() > event_body_max) {
        return fail(errors::too_many_parts,
                    "So many lines cannot be restocked at once: refund a part of them first.");
    }
    // The head's version guards the sum: two refunds at once cannot both find the same money left.
    watch_money(order);
    announce_refund(change.changes, caller.in_store(), order, caller.principal.id,
                    caller.traceparent);
    repository(caller.in_store()).put_head(change.changes, order);
    return change;
}

Result<Changes> Orders::pay_refund(const StoreId& store, const OrderId& id,
                                   const RefundId& refund_id, std::string_view traceparent) const {
    Order order = TRY(order_of(store, id));
    const auto refund = std::ranges::find(order.refunds, refund_id, &Refund::id);
    if (refund == order.refunds.end() || refund->status != RefundStatus::pending) {
        return Changes{};
    }
    // What was not taken need not be taken to be given back: release_payment voids all of it.
    const bool is_void =
        order.status == Status::cancelled && !TRY(payments_.standing(store, id)).was_captured();
    const auto paid = [&]() -> Result<void> {
        if (is_void || refund->amount.amount == 0) {
            return {};
        }
        TRY(capture(store, order));
        return payments_.refund(refund_id.text(), store, id, refund->amount);
    }();
    Changes changes;
    const OrderRepository orders = repository(store);
    if (is_void) {
        refund->status = RefundStatus::failed;  // No money went back, since none had come.
        note(order, "refund_failed", "order_cancelled", "system");
    } else if (!paid) {
        if (after_failure(paid.error()) == AfterFailure::retry &&
            paid.error().code != souk::errors::payment_state) {
            return fail(paid.error());
        }
        refund->status =
            RefundStatus::failed;  // The provider will never do it: the shop must know.
        note(order, "refund_failed", std::string(paid.error().code.name), "system");
    } else {
        refund->status = RefundStatus::done;
        if (refund->amount.amount > 0) {
            // The provider knows best: a cancellation may have given back the rest in the meantime.
            const auto standing = TRY(payments_.standing(store, id));
            order.payment.status = standing.status == "refunded" || refundable(order).amount == 0
                                       ? PaymentStatus::refunded
                                       : PaymentStatus::partially_refunded;
        }
        note(order, "refunded", to_decimal(refund->amount), "system");
        if (order.status == Status::confirmed && fulfilment_status(order) == "fulfilled") {
            TRY(move(order, Status::completed));  // The rest need not be sent any more.
        }
    }
    orders.put_refund(changes, order, *refund);
    watch_money(order);
    orders.put_head(changes, order);
    if (refund->status == RefundStatus::done) {
        changes.announce(ledger_.event(store, "souk.order.refunded.v1", id.text(),
                                       refunded_body(order, *refund), traceparent));
    }
    return changes;
}

}  // namespace souk::orders
