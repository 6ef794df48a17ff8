#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/orders.h"

namespace souk::orders {

namespace {
constexpr int sweep_batch = 100;
}

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
    change.changes =
        cancelled(caller.in_store(), order, reason.empty() ? "requested" : std::string(reason),
                  caller.principal.id, caller.traceparent);
    return change;
}

Result<int> Orders::sweep(Instant now) const {
    const auto due = TRY(platform_.due(now, sweep_batch));
    for (const auto& row : due) {
        constexpr std::string_view prefix = "order#";
        const OrderId id = OrderId::trusted(row.row.partition.substr(prefix.size()));
        const auto swept = perform(ledger_, [&]() -> Result<Change<Done>> {
            Change<Done> change;
            Order order = TRY(order_of(row.store, id));
            // The index is a hint: it may have been settled since.
            if (is_settled(order.status) || order.deadline > now) {
                return change;
            }
            const std::string reason =
                order.status == Status::awaiting_payment ? "payment_timeout" : "expired";
            change.changes = cancelled(row.store, order, reason, "system", "");
            return change;
        });
        if (!swept) {
            // One bad row must not keep the others waiting.
            ledger_.environment().telemetry.log(LogLevel::error, "order sweep failed",
                                                {{"order", id.text()},
                                                 {"code", swept.error().code.name},
                                                 {"detail", swept.error().detail}});
        }
    }
    return static_cast<int>(due.size());
}

}  // namespace souk::orders
