#include "domain/carts/carts.h"

namespace souk::carts {

Result<Change<PricedCart>> Carts::change(const Caller& caller, const CartId& id,
                                         const ChangeCart& command) const {
    Cart before = TRY(open_cart(caller, id));
    const Offers offers = TRY(offers_of(caller.in_store(), before));
    const auto store = TRY(stores_.store(caller.in_store()));
    Cart cart = before;
    Changes changes;
    if (command.email) {
        cart.email = *command.email;
    }
    if (command.shipping_method_id) {
        if (!command.shipping_method_id->empty() &&
            method_in(store, *command.shipping_method_id) == nullptr) {
            return invalid_field("/shipping_method_id", "unknown_shipping_method",
                                 "The store has no such shipping method.");
        }
        cart.shipping_method_id = *command.shipping_method_id;
    }
    if (command.shipping_address) {
        cart.shipping_address = *command.shipping_address;
    }
    if (command.accept_prices) {
        for (std::size_t i = 0; i < cart.lines.size(); ++i) {
            Line& line = cart.lines[i];
            const bool dearer = offers[i] && offers[i]->unit_price != line.unit_price;
            // A commit holds a hundred writes; what is left over stays marked for the next try.
            if (dearer && changes.size() < transaction_writes_max - 10) {
                line.unit_price = offers[i]->unit_price;
                repository(caller.in_store()).put_line(changes, cart, line);
            }
        }
    }
    const bool accepts_terms = command.accept_prices && terms_changed(cart, store);
    if (changes.empty() && !accepts_terms && cart.email == before.email &&
        cart.shipping_method_id == before.shipping_method_id &&
        cart.shipping_address == before.shipping_address) {
        return unchanged(caller, std::move(cart), offers, store);
    }
    return changed(caller, std::move(changes), std::move(cart), offers, store);
}

Result<Change<PricedCart>> Carts::set_shipping_address(const Caller& caller, const CartId& id,
                                                       const Address& address) const {
    Cart cart = TRY(open_cart(caller, id));
    Offers offers = TRY(offers_of(caller.in_store(), cart));
    const auto store = TRY(stores_.store(caller.in_store()));
    if (cart.shipping_address == address && !terms_changed(cart, store)) {
        return unchanged(caller, std::move(cart), offers, store);
    }
    cart.shipping_address = address;
    return changed(caller, {}, std::move(cart), std::move(offers), store);
}

}  // namespace souk::carts
