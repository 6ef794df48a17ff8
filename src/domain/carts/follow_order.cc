#include "domain/carts/carts.h"

/// What becomes of a cart while its order is made. The events may come in any order.
namespace souk::carts {

namespace {

enum class Age { older, same, newer };

/// Where an order stands to the newest that the cart has heard of.
Age age_of(const CartOrder& order, const Cart& cart) {
    if (order.id == cart.order.id) {
        return Age::same;
    }
    if (order.attempt != cart.order.attempt) {
        return order.attempt > cart.order.attempt ? Age::newer : Age::older;
    }
    // Both were placed before orders were numbered: whatever comes while none holds the cart is
    // believed.
    return cart.order.id.empty() || cart.order_cancelled ? Age::newer : Age::older;
}

/// The cart's status once it has heard of that.
Status status_after(OrderFate fate) {
    switch (fate) {
        case OrderFate::placed: return Status::ordering;
        case OrderFate::confirmed: return Status::ordered;
        case OrderFate::cancelled: return Status::open;
    }
    return Status::open;
}

bool is_news(const Cart& cart, const CartOrder& order, OrderFate fate) {
    switch (age_of(order, cart)) {
        case Age::older: return false;
        case Age::newer: return true;
        case Age::same: break;
    }
    // One order is placed, then confirmed, then cancelled: what is heard of after a later one of
    // these changes nothing.
    return fate != OrderFate::placed && !cart.order_cancelled && cart.status != status_after(fate);
}

}  // namespace

Result<Changes> Carts::follow_order(const StoreId& store, std::string_view key,
                                    const CartOrder& order, OrderFate fate) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    if (!cart || cart->status == Status::merged || !is_news(*cart, order, fate)) {
        return changes;
    }
    cart->status = status_after(fate);
    cart->order = order;
    cart->order_cancelled = fate == OrderFate::cancelled;
    repository(store).put_state(changes, *cart);
    return changes;
}

}  // namespace souk::carts
