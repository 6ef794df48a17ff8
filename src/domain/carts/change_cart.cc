#include "domain/carts/carts.h"

namespace souk::carts {

namespace {

/// Lines put in one commit, beside the head, the check of the orders' row and what the boundary
/// writes. Source: transaction_writes_max.
constexpr std::size_t lines_at_once = 80;
static_assert(lines_at_once + 2 + boundary_writes <= transaction_writes_max);

/// The cart as the command has it, prices aside.
Result<Cart> edited(Cart cart, const ChangeCart& command, const stores::Store& store) {
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
    return cart;
}

/// Makes today's prices those shown; returns the lines that had another.
std::vector<Line> repriced(Cart& cart, const std::vector<std::optional<products::Offer>>& offers) {
    std::vector<Line> lines;
    for (std::size_t i = 0; i < cart.lines.size(); ++i) {
        Line& line = cart.lines[i];
        if (offers[i] && offers[i]->unit_price != line.unit_price) {
            line.unit_price = offers[i]->unit_price;
            lines.push_back(line);
        }
    }
    return lines;
}

}  // namespace

Result<void> Carts::put_early(Caller& caller, Cart& head, std::vector<Line>& lines) const {
    const CartRepository carts = repository(caller.in_store());
    while (lines.size() > lines_at_once) {
        Changes changes;
        TRY(keep_unordered(changes, caller.in_store(), head));
        for (std::size_t i = 0; i < lines_at_once; ++i) {
            carts.put_line(changes, head, lines.back());
            lines.pop_back();
        }
        // With the head, as a new version: an order at prices that nobody has seen is refused.
        carts.put_head(changes, head);
        TRY(ledger_.commit(changes));
        if (caller.if_match) {
            caller.if_match = {head.version};
        }
    }
    return {};
}

Result<Change<PricedCart>> Carts::change_once(Caller& caller, const CartId& id,
                                              const ChangeCart& command) const {
    Cart before = TRY(open_cart(caller, id));
    const Offers offers = TRY(offers_of(caller.in_store(), before));
    const auto store = TRY(stores_.store(caller.in_store()));
    Cart cart = TRY(edited(before, command, store));
    std::vector<Line> lines;
    if (command.accept_prices) {
        lines = repriced(cart, offers);
    }
    const bool accepts_terms = command.accept_prices && terms_changed(cart, store);
    if (lines.empty() && !accepts_terms && cart.email == before.email &&
        cart.shipping_method_id == before.shipping_method_id &&
        cart.shipping_address == before.shipping_address) {
        return unchanged(caller, std::move(cart), offers, store);
    }
    if (lines.size() > lines_at_once) {
        TRY(priced(cart, offers, store));  // What is refused at the end is refused before a part.
        TRY(put_early(caller, before, lines));
        cart.version = before.version;
        cart.row_version = before.row_version;
    }
    Changes changes;
    for (const auto& line : lines) {
        repository(caller.in_store()).put_line(changes, cart, line);
    }
    return changed(caller, std::move(changes), std::move(cart), offers, store);
}

Result<Change<PricedCart>> Carts::change(const Caller& caller, const CartId& id,
                                         const ChangeCart& command) const {
    Caller changing = caller;
    return rerun([&] { return change_once(changing, id, command); });
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
