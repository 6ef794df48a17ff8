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

bool is_over(const std::optional<Cart>& cart) { return !cart || cart->status == Status::merged; }

}  // namespace

Result<Changes> Carts::hold_for_order(const StoreId& store, std::string_view key,
                                      const CartOrder& order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    // A placement that is heard of after its end, or after a later order's, changes nothing.
    if (is_over(cart) || age_of(order, *cart) != Age::newer) {
        return changes;
    }
    cart->status = Status::ordering;
    cart->order = order;
    cart->order_cancelled = false;
    repository(store).put_state(changes, *cart);
    return changes;
}

Result<Changes> Carts::close_for_order(const StoreId& store, std::string_view key,
                                       const CartOrder& order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    if (is_over(cart)) {
        return changes;
    }
    const Age age = age_of(order, *cart);
    // A confirmation that is heard of after the order's cancellation changes nothing.
    if (age == Age::older ||
        (age == Age::same && (cart->order_cancelled || cart->status == Status::ordered))) {
        return changes;
    }
    cart->status = Status::ordered;
    cart->order = order;
    cart->order_cancelled = false;
    repository(store).put_state(changes, *cart);
    return changes;
}

Result<Changes> Carts::reopen_after_order(const StoreId& store, std::string_view key,
                                          const CartOrder& order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    if (is_over(cart)) {
        return changes;
    }
    const Age age = age_of(order, *cart);
    if (age == Age::older || (age == Age::same && cart->order_cancelled)) {
        return changes;
    }
    cart->status = Status::open;
    cart->order = order;
    cart->order_cancelled = true;
    repository(store).put_state(changes, *cart);
    return changes;
}

}  // namespace souk::carts
