#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/orders.h"

namespace souk::orders {

Result<Change<Order>> Orders::cancel(const Caller& caller, const OrderId& id,
                                     std::string_view reason) const {
    Change<Order> change{TRY(order(caller, id, {})), {}};
    Order& order = change.value;
    TRY(check_version(caller, order.version));
    if (!may_move(order.status, Status::cancelled) || !order.fulfilments.empty()) {
        return fail(errors::order_not_cancellable,
                    cat("An order that is ",
                        order.fulfilments.empty() ? name_of(order.status) : "being sent",
                        " cannot be cancelled."));
    }
    // Its money is being taken to send it: a cancellation now would say that nothing was charged.
    const OrderRepository orders = repository(caller.in_store());
    if (TRY(orders.watched_capture(id))) {
        return fail(errors::order_not_cancellable,
                    cat("It is being sent; what came of that is known within ",
                        money_patience.count(), " minutes."));
    }
    change.changes =
        cancelled(caller.in_store(), order, reason.empty() ? "requested" : std::string(reason),
                  caller.principal.id, caller.traceparent);
    orders.expect_no_capture(change.changes, id);
    return change;
}

}  // namespace souk::orders
