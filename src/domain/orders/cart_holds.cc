#include "domain/orders/cart_holds.h"

#include "domain/orders/order_repository.h"

namespace souk::orders {

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
