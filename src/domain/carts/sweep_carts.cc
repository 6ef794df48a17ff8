#include "domain/carts/carts.h"
#include "domain/ports/sweep.h"

namespace souk::carts {

namespace {
constexpr int sweep_batch = 100;
}

Result<void> Carts::announce_abandoned(const DueRow& due, Instant now) const {
    constexpr std::string_view prefix = "cart#";
    const std::string key = due.row.partition.substr(prefix.size());
    auto announced = perform(ledger_, [&]() -> Result<Change<Done>> {
        Change<Done> change;
        auto cart = TRY(repository(due.store).find(key));
        // The index is a hint: it may have been touched since.
        if (!cart || cart->status != Status::open || cart->abandonment_announced ||
            now < cart->abandoned_at()) {
            return change;
        }
        const PricedCart priced = TRY(price(due.store, *cart));
        cart->abandonment_announced = true;
        repository(due.store).put_state(change.changes, *cart);
        if (cart->lines.empty()) {
            return change;  // Nothing was left behind.
        }
        JsonWriter body;
        body.begin_object()
            .member("cart_key", key)
            .member("customer_id",
                    cart->customer ? std::optional(cart->customer->text()) : std::nullopt)
            .member("email", cart->email.empty() ? std::nullopt : std::optional(cart->email))
            .member("items", std::ssize(cart->lines))
            .raw_member("total", render_money(priced.totals.total))
            .end_object();
        change.changes.announce(
            ledger_.event(due.store, "souk.cart.abandoned.v1", key, body.take(), ""));
        return change;
    });
    return announced ? Result<void>{} : std::unexpected(announced.error());
}

Result<int> Carts::sweep(Instant now) const {
    return sweep_due(ledger_, platform_, now, sweep_batch, [&](const DueRow& due) -> Result<Swept> {
        TRY(announce_abandoned(due, now));
        return Swept::settled;
    });
}

}  // namespace souk::carts
