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

/// Whoever signs in at the checkout has said these already.
void say_what_is_unsaid(const Cart& guest, Cart& own) {
    own.email = own.email.empty() ? guest.email : own.email;
    own.shipping_address = own.shipping_address ? own.shipping_address : guest.shipping_address;
    own.shipping_method_id =
        own.shipping_method_id.empty() ? guest.shipping_method_id : own.shipping_method_id;
}

}  // namespace

Result<bool> Carts::may_take(Changes& changes, const StoreId& store, const Cart& cart) const {
    return cart.status == Status::open && !TRY(holds_.held(store, cart.key, changes));
}

Result<Change<PricedCart>> Carts::merge_once(const Caller& caller, const CartId& id) const {
    const CartRepository carts = repository(caller.in_store());
    const UserId customer = UserId::trusted(caller.principal.id);
    Cart guest = TRY(known_to(caller, id));
    const CurrentCart current = TRY(carts.current_of(customer));
    std::optional<Cart> own;
    if (current.id) {
        own = TRY(carts.find(carts.key_of(*current.id)));
        if (own) {
            own->id = current.id;
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
    if (guest.customer) {
        return Change<PricedCart>{TRY(price(caller.in_store(), std::move(guest))), {}};
    }
    if (guest.status != Status::open) {
        return being_ordered();
    }
    const auto store = TRY(stores_.store(caller.in_store()));
    Changes changes;
    if (!own || !TRY(may_take(changes, caller.in_store(), *own))) {
        guest.customer = customer;
        if (guest.email.empty()) {
            guest.email = caller.principal.email;
        }
        // Of two merges at once the later one finds the other's cart, instead of parting the goods.
        carts.set_current(changes, customer, id, current.as_read);
        Offers offers = TRY(offers_of(caller.in_store(), guest));
        return changed(caller, std::move(changes), std::move(guest), std::move(offers), store);
    }
    TRY(check_room(guest, *own));
    TRY(keep_unordered(changes, caller.in_store(), guest));
    TRY(move_lines(changes, carts, guest, *own));
    const bool moved_all = guest.lines.empty();
    if (moved_all) {
        say_what_is_unsaid(guest, *own);
        guest.status = Status::merged;
        guest.merged_into = own->key;
    }
    carts.put_head(changes, guest);
    Offers offers = TRY(offers_of(caller.in_store(), *own));
    // Not `changed`: asked once more, an order placed since would refuse what a rerun can do.
    auto taken = TRY(
        touched(caller.in_store(), std::move(changes), *std::move(own), std::move(offers), store));
    if (!moved_all) {
        // More than one commit holds: this part is committed now; lines move, so a retry goes on
        // from here.
        TRY(ledger_.commit(taken.changes));
        return merge_once(caller, id);
    }
    return taken;
}

Result<Change<PricedCart>> Carts::merge(const Caller& caller, const CartId& id) const {
    return rerun([&] { return merge_once(caller, id); });
}

}  // namespace souk::carts
