#include <algorithm>

#include "domain/base/text.h"
#include "domain/carts/carts.h"
#include "domain/carts/errors.h"

namespace souk::carts {

namespace {

/// Lines moved in one commit: each is a put and an erase. Source: transaction_writes_max.
constexpr std::size_t lines_at_once = 40;

/// Moves up to lines_at_once lines from one cart to the other; what both have is added up.
Result<void> move_lines(Changes& changes, const CartRepository& carts, Cart& from, Cart& into) {
    std::size_t moved = 0;
    while (!from.lines.empty() && moved++ < lines_at_once) {
        Line line = from.lines.back();
        carts.erase_line(changes, from, line);
        from.lines.pop_back();
        auto twin = std::ranges::find(into.lines, line.variant, &Line::variant);
        if (twin == into.lines.end()) {
            if (std::ssize(into.lines) >= lines_max) {
                return fail(errors::cart_full, cat("A cart holds at most ", lines_max, " lines."));
            }
            line.row_version = 0;
            into.lines.push_back(line);
            carts.put_line(changes, into, line);
        } else {
            twin->quantity = std::min(twin->quantity + line.quantity, quantity_max);
            carts.put_line(changes, into, *twin);
        }
    }
    return {};
}

Result<void> check_room(const Cart& from, const Cart& into) {
    const auto fresh = std::ranges::count_if(from.lines, [&](const Line& line) {
        return std::ranges::find(into.lines, line.variant, &Line::variant) == into.lines.end();
    });
    if (fresh + std::ssize(into.lines) > lines_max) {
        return fail(errors::cart_full,
                    cat("Together the carts have more than ", lines_max, " lines."));
    }
    return {};
}

}  // namespace

Result<bool> Carts::may_take(const StoreId& store, const Cart& cart) const {
    Changes unused;
    return cart.status == Status::open && !TRY(holds_.held(store, cart.key, unused));
}

Result<Change<PricedCart>> Carts::merge_once(const Caller& caller, const CartId& id) const {
    const CartRepository carts = repository(caller.in_store());
    const UserId customer = UserId::trusted(caller.principal.id);
    Cart guest = TRY(known_to(caller, id));
    std::optional<Cart> own;
    if (const auto current = TRY(carts.current_of(customer))) {
        own = TRY(carts.find(carts.key_of(*current)));
        if (own) {
            own->id = *current;
        }
    }
    if (guest.status == Status::merged) {
        // A retry after the merge: the answer is the cart that took the lines, if it is the
        // caller's.
        if (own && own->key == guest.merged_into) {
            return Change<PricedCart>{TRY(price(caller.in_store(), *std::move(own))), {}};
        }
        return fail(souk::errors::not_found, "There is no such cart.");
    }
    TRY(check_version(caller, guest.version));
    if (guest.customer) {
        return Change<PricedCart>{TRY(price(caller.in_store(), std::move(guest))), {}};
    }
    if (guest.status != Status::open) {
        return being_ordered();
    }
    Changes changes;
    if (!own || !TRY(may_take(caller.in_store(), *own))) {
        guest.customer = customer;
        if (guest.email.empty()) {
            guest.email = caller.principal.email;
        }
        carts.set_current(changes, customer, id);
        return changed(caller, std::move(changes), std::move(guest));
    }
    TRY(check_room(guest, *own));
    TRY(keep_unordered(changes, caller.in_store(), guest));
    TRY(move_lines(changes, carts, guest, *own));
    if (!guest.lines.empty()) {
        // More than one commit holds: this part is committed now; lines move, so a retry goes on
        // from here.
        carts.put_head(changes, guest);
        TRY(ledger_.commit(TRY(changed(caller, std::move(changes), *std::move(own))).changes));
        return merge_once(caller, id);
    }
    // Whoever signs in at the checkout has said these already.
    own->email = own->email.empty() ? guest.email : own->email;
    own->shipping_address = own->shipping_address ? own->shipping_address : guest.shipping_address;
    own->shipping_method_id =
        own->shipping_method_id.empty() ? guest.shipping_method_id : own->shipping_method_id;
    guest.status = Status::merged;
    guest.merged_into = own->key;
    carts.put_head(changes, guest);
    return changed(caller, std::move(changes), *std::move(own));
}

Result<Change<PricedCart>> Carts::merge(const Caller& caller, const CartId& id) const {
    return rerun([&] { return merge_once(caller, id); });
}

}  // namespace souk::carts
