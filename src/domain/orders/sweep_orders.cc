#include "domain/orders/orders.h"
#include "domain/ports/sweep.h"

/// What follows from the clock alone.
namespace souk::orders {

namespace {
constexpr int sweep_batch = 100;
}

Result<void> Orders::expire(const StoreId& store, const OrderId& id, Instant now) const {
    const auto reason = perform(ledger_, [&]() -> Result<Change<std::string>> {
        Change<std::string> change;
        Order order = TRY(order_of(store, id));
        // The index is a hint: it may have been settled since.
        if (is_settled(order.status) || order.deadline > now) {
            return change;
        }
        change.value = order.status == Status::awaiting_payment ? "payment_timeout" : "expired";
        change.changes = cancelled(store, order, change.value, "system", "");
        return change;
    });
    if (!reason) {
        return fail(reason.error());
    }
    if (*reason == "expired") {
        // Nobody answered for its stock: perhaps the way there and back is cut.
        ledger_.environment().telemetry.count("souk_orders_stuck_total");
    }
    return {};
}

/// A message that asks the provider is tried for half a minute and then rests among the dead
/// letters; a provider can be away for longer. Each step is under a key that makes a repeat
/// harmless, so it does not matter if the message comes after all.
Result<void> Orders::finish_money(const StoreId& store, const OrderId& id, Instant now,
                                  Provider provider) const {
    const auto due = TRY(perform(ledger_, [&]() -> Result<Change<std::optional<Order>>> {
        Change<std::optional<Order>> change;
        Order order = TRY(order_of(store, id));
        if (!order.money_due || *order.money_due > now) {
            return change;
        }
        // Said first: whoever fails now is asked again after the wait, not by every sweep.
        watch_money(order);
        repository(store).put_head(change.changes, order);
        change.value = std::move(order);
        return change;
    }));
    if (!due || provider == Provider::is_away) {
        return {};
    }
    if (due->status == Status::awaiting_payment) {
        TRY(perform(ledger_, [&]() -> Result<Change<Done>> {
            return Change<Done>{{}, TRY(pay(store, id, ""))};
        }));
    }
    for (const auto& refund : due->refunds) {
        if (refund.status == RefundStatus::pending) {
            TRY(perform(ledger_, [&]() -> Result<Change<Done>> {
                return Change<Done>{{}, TRY(pay_refund(store, id, refund.id, ""))};
            }));
        }
    }
    if (due->release_open) {
        TRY(perform(ledger_, [&]() -> Result<Change<Done>> {
            return Change<Done>{{}, TRY(release_payment(store, id, ""))};
        }));
    }
    return {};
}

/// Records what a fulfilment captured that was never recorded itself.
Result<void> Orders::finish_capture(const StoreId& store, const OrderId& id, Instant now,
                                    Provider provider) const {
    const OrderRepository orders = repository(store);
    // As for other money: put off first, so that a provider that is away hides no deadline.
    const auto mine = TRY(perform(ledger_, [&]() -> Result<Change<std::uint64_t>> {
        Change<std::uint64_t> change{0, {}};
        const auto row = TRY(orders.watched_capture(id));
        if (row && row->due && *row->due <= now) {
            orders.watch_capture(change.changes, id, now + money_patience,
                                 Expect::at(row->version));
            change.value = row->version + 1;
        }
        return change;
    }));
    if (mine == 0 || provider == Provider::is_away) {
        return {};
    }
    const auto done = perform(ledger_, [&]() -> Result<Change<Done>> {
        Change<Done> change;
        const auto row = TRY(orders.watched_capture(id));
        if (!row || row->version != mine) {
            return change;  // Another fulfilment is at it.
        }
        Order order = TRY(order_of(store, id));
        orders.forget_capture(change.changes, id, Expect::at(mine));
        if (order.payment.status == PaymentStatus::authorised &&
            TRY(payments_.standing(store, id)).was_captured()) {
            order.payment.status = PaymentStatus::captured;
            note(order, "payment_captured", "", "system");
            orders.put_head(change.changes, order);
        }
        return change;
    });
    return done ? Result<void>{} : std::unexpected(done.error());
}

Result<int> Orders::sweep(Instant now) const {
    auto provider = Provider::answers;
    return sweep_due(ledger_, platform_, now, sweep_batch, [&](const DueRow& due) -> Result<Swept> {
        constexpr std::string_view prefix = "order#";
        const OrderId id = OrderId::trusted(due.row.partition.substr(prefix.size()));
        TRY(expire(due.store, id, now));
        auto finished = finish_money(due.store, id, now, provider);
        if (finished) {
            finished = finish_capture(due.store, id, now, provider);
        }
        if (!finished && finished.error().code == souk::errors::payments_unavailable) {
            provider = Provider::is_away;  // Deadlines must not wait for it again and again.
        }
        TRY(finished);
        return Swept::settled;
    });
}

}  // namespace souk::orders
