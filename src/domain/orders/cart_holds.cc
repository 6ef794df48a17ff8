#include "domain/orders/cart_holds.h"

#include "domain/orders/order_repository.h"

namespace souk::orders {

Result<CartStanding> HoldsOfOrders::standing(const StoreId& store,
                                             std::string_view cart_key) const {
    const OrderRepository orders(ledger_.store(store));
    const CartHold hold = TRY(orders.hold_on(cart_key));
    if (!hold.order) {
        return CartStanding::free;
    }
    const auto status = TRY(orders.status_of(*hold.order));
    const bool sold = status == Status::confirmed || status == Status::completed;
    return sold ? CartStanding::ordered : CartStanding::ordering;
}

Result<bool> HoldsOfOrders::held(const StoreId& store, std::string_view cart_key,
                                 Changes& changes) const {
    const OrderRepository orders(ledger_.store(store));
    const CartHold hold = TRY(orders.hold_on(cart_key));
    if (!hold.order) {
        orders.bind(changes, cart_key, hold);
    }
    return hold.order.has_value();
}

}  // namespace souk::orders
