#include <algorithm>

#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/order_events.h"
#include "domain/orders/orders.h"

namespace souk::orders {

namespace {

constexpr std::int64_t numbers_at_once = 20;
/// Of so many stores numbers are at hand in a process. More than sell at once; each takes some 200
/// bytes.
constexpr std::size_t numbered_stores_max = 4096;
constexpr std::size_t token_bytes = 16;

/// What must hold of the cart for the shopper to get what was shown.
Result<void> check_cart(const carts::Checkout& cart, const PlaceOrder& command) {
    if (command.cart_version && *command.cart_version != cart.version) {
        return fail(Error{errors::cart_changed,
                          cat("The cart has changed; its version is now ", cart.version, "."),
                          {},
                          {{"current_version", cat(cart.version)}}});
    }
    if (cart.lines.empty()) {
        return fail(errors::cart_empty, "The cart is empty.");
    }
    if (cart.email.empty()) {
        return fail(Error{errors::email_required,
                          "Set the cart's e-mail first.",
                          {{"/email", "required", "The cart has no e-mail."}}});
    }
    return {};
}

Result<void> check_offers(const carts::Checkout& cart) {
    Error gone{errors::item_unavailable, "Some of what was chosen is no longer offered."};
    Error dearer{errors::price_changed, "Some prices have changed since they were shown."};
    for (std::size_t i = 0; i < cart.lines.size(); ++i) {
        const auto& line = cart.lines[i];
        if (!line.sellable) {
            gone.fields.push_back(
                {cat("/items/", i), "item_unavailable", cat(line.sku, " is no longer for sale.")});
        } else if (line.price_changed) {
            dearer.fields.push_back({cat("/items/", i, "/unit_price"), "price_changed",
                                     cat(line.sku, " has another price now.")});
        }
    }
    if (cart.shipping_method_gone) {
        gone.fields.push_back({"/shipping_method_id", "shipping_method_unavailable",
                               "The store no longer ships so."});
    } else if (cart.terms_changed) {
        dearer.fields.push_back(
            {"/totals", "price_changed", "Shipping or tax is another now than was shown."});
    }
    if (!gone.fields.empty()) {
        return fail(std::move(gone));
    }
    if (!dearer.fields.empty()) {
        return fail(std::move(dearer));
    }
    return {};
}

Line line_from(const carts::PricedLine& line) {
    return {.id = line.id,
            .product = line.product,
            .variant = line.variant,
            .sku = line.sku,
            .title = line.title,
            .quantity = line.quantity,
            .unit_price = line.unit_price,
            .total = line.total,
            .tax = line.tax};
}

}  // namespace

Result<std::int64_t> Orders::next_number(const StoreId& store) {
    {
        const std::lock_guard lock(numbers_mutex_);
        if (const auto number = take_number(store)) {
            return *number;
        }
    }
    // The ledger may be slow, or throttle this store's row: the other stores do not wait for it,
    // nor do this one's orders for each other. Those that meet here reserve a block each.
    const std::int64_t first = TRY(repository(store).reserve_numbers(ledger_, numbers_at_once));
    const std::lock_guard lock(numbers_mutex_);
    if (numbers_.size() >= numbered_stores_max && !numbers_.contains(store)) {
        numbers_.clear();  // As a restart would: what is forgotten becomes gaps.
    }
    auto& blocks = numbers_[store];
    blocks.insert(std::ranges::upper_bound(blocks, first, {}, &NumberBlock::next),
                  {first, first + numbers_at_once});
    return *take_number(store);
}

std::optional<std::int64_t> Orders::take_number(const StoreId& store) {
    const auto found = numbers_.find(store);
    if (found == numbers_.end()) {
        return std::nullopt;
    }
    auto& blocks = found->second;
    const std::int64_t number = blocks.front().next++;
    if (blocks.front().next == blocks.front().end) {
        blocks.erase(blocks.begin());
    }
    if (blocks.empty()) {
        numbers_.erase(found);
    }
    return number;
}

Result<Order> Orders::order_from(const Caller& caller, const PlaceOrder& command,
                                 const carts::Checkout& checkout) const {
    const Environment& environment = ledger_.environment();
    Order order{.id = environment.fresh<OrderId>(),
                .customer = checkout.customer,
                .email = checkout.email,
                .cart_key = checkout.cart_key,
                .lines = {},
                .totals = checkout.totals,
                .tax_included = checkout.tax_included,
                .shipping_address = checkout.shipping_address,
                .shipping_method_id = checkout.shipping_method_id,
                .shipping_method_name = checkout.shipping_method_name,
                .payment = {.id = environment.fresh<PaymentId>(),
                            .provider = command.provider,
                            .method = command.payment_method,
                            .amount = checkout.totals.total},
                .placed_at = environment.now(),
                .deadline = environment.now() + options_.payment_deadline};
    watch_money(order);
    if (!order.customer && caller.principal.kind == Principal::Kind::customer) {
        order.customer =
            UserId::trusted(caller.principal.id);  // A signed-in shopper with a guest's cart.
    }
    for (const auto& line : checkout.lines) {
        order.lines.push_back(line_from(line));
    }
    return order;
}

Result<Change<PlacedOrder>> Orders::place(const Caller& caller, const PlaceOrder& command) {
    const OrderRepository orders = repository(caller.in_store());
    carts::Checkout checkout = TRY(carts_.checkout(caller, command.cart));  // Gather.
    if (checkout.email.empty() && caller.principal.kind == Principal::Kind::customer) {
        checkout.email = caller.principal.email;  // As carts do for their customers.
    }
    // The cart hears of its order a little later than orders do; the answer is the same all along.
    const CartHold hold = TRY(orders.hold_on(checkout.cart_key));
    if (hold.order || !checkout.order_id.empty()) {
        return fail(Error{
            errors::cart_already_ordered,
            "This cart is being ordered or was ordered.",
            {},
            {{"order_id", json_quoted(hold.order ? hold.order->text() : checkout.order_id)}}});
    }
    TRY(check_cart(checkout, command));  // Decide.
    TRY(check_offers(checkout));
    Change<PlacedOrder> change{{TRY(order_from(caller, command, checkout)), ""}, {}};
    Order& order = change.value.order;
    // The cart has heard of more of them than the row only where an older version erased the row.
    order.cart_attempt = std::max(hold.attempts, checkout.attempts) + 1;
    order.number = TRY(next_number(caller.in_store()));
    if (!order.customer) {
        change.value.token = cat("tok_", to_hex(ledger_.environment().crypto.random(token_bytes)));
        order.token_hash = to_hex(ledger_.environment().crypto.sha256(change.value.token));
    }
    note(order, "placed", "", order.customer ? order.customer->text() : "guest");
    carts_.bind(change.changes, caller.in_store(), checkout);  // Commit: of this cart alone,
    orders.add(change.changes, order, hold);                   // with its event.
    change.changes.announce(ledger_.event(caller.in_store(), "souk.order.placed.v1",
                                          order.id.text(), placed_body(order), caller.traceparent));
    return change;
}

}  // namespace souk::orders
