#include "domain/carts/carts.h"

/// What becomes of a cart while its order is made. The events may come in any order.
namespace souk::carts {

Result<Changes> Carts::hold_for_order(const StoreId& store, std::string_view key,
                                      std::string_view order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    // A placement that is heard of after its end changes nothing.
    if (!cart || cart->status != Status::open || cart->settled_order_id == order) {
        return changes;
    }
    cart->status = Status::ordering;
    cart->order_id = order;
    repository(store).put_head(changes, *cart);
    return changes;
}

Result<Changes> Carts::close_for_order(const StoreId& store, std::string_view key,
                                       std::string_view order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    // A confirmation that is heard of after the order's end changes nothing.
    if (!cart || cart->status == Status::ordered || cart->settled_order_id == order) {
        return changes;
    }
    cart->status = Status::ordered;
    cart->order_id = order;
    cart->settled_order_id = order;
    repository(store).put_head(changes, *cart);
    return changes;
}

Result<Changes> Carts::reopen_after_order(const StoreId& store, std::string_view key,
                                          std::string_view order) const {
    Changes changes;
    auto cart = TRY(repository(store).find_head(key));
    const bool holds_it = cart && cart->order_id == order;
    const bool not_yet_held = cart && cart->status == Status::open && cart->order_id.empty();
    if (!holds_it && !not_yet_held) {
        return changes;
    }
    cart->status = Status::open;
    cart->order_id.clear();
    cart->settled_order_id = order;
    repository(store).put_head(changes, *cart);
    return changes;
}

}  // namespace souk::carts
