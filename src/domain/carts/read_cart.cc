#include "domain/carts/carts.h"
#include "domain/carts/errors.h"

namespace souk::carts {

namespace {

std::unexpected<Error> no_such_cart() {
    return fail(souk::errors::not_found, "There is no such cart.");
}

bool holds(const Caller& caller, const Cart& cart) {
    if (!cart.customer) {
        return true;  // Whoever knows the id.
    }
    return caller.principal.kind == Principal::Kind::customer &&
           caller.principal.id == cart.customer->text();
}

}  // namespace

Result<Cart> Carts::known_to(const Caller& caller, const CartId& id) const {
    const CartRepository carts = repository(caller.in_store());
    auto cart = TRY(carts.find(carts.key_of(id)));
    if (!cart || !holds(caller, *cart)) {
        return no_such_cart();
    }
    cart->id = id;
    // What orders have decided is true before the event that says so is here.
    if (cart->status == Status::ordering) {
        switch (TRY(holds_.standing(caller.in_store(), cart->key))) {
            case orders::CartStanding::free:
                cart->status = Status::open;
                cart->order_cancelled = true;
                break;
            case orders::CartStanding::ordering: break;
            case orders::CartStanding::ordered: cart->status = Status::ordered; break;
        }
    }
    return *std::move(cart);
}

Result<Cart> Carts::held_by(const Caller& caller, const CartId& id) const {
    Cart cart = TRY(known_to(caller, id));
    if (cart.status == Status::merged) {
        return no_such_cart();  // It lives on in the cart that took its lines.
    }
    return cart;
}

Result<Cart> Carts::open_cart(const Caller& caller, const CartId& id) const {
    Cart cart = TRY(held_by(caller, id));
    TRY(check_version(caller, cart.version));
    if (cart.status != Status::open) {
        return fail(errors::cart_not_open, std::string("The cart is ") +
                                               std::string(name_of(cart.status)) +
                                               " and can no longer be changed.");
    }
    return cart;
}

Result<Carts::Offers> Carts::offers_of(const StoreId& store, Cart& cart) const {
    Offers offers = TRY(catalog_.offers(store, skus_of(cart)));
    TRY(follow_variants(store, cart, offers));
    return offers;
}

Result<void> Carts::follow_variants(const StoreId& store, Cart& cart, Offers& offers) const {
    std::vector<std::size_t> renamed;
    std::vector<std::string> skus;
    for (std::size_t i = 0; i < cart.lines.size(); ++i) {
        const Line& line = cart.lines[i];
        if (offers[i] && offers[i]->variant == line.variant) {
            continue;
        }
        offers[i].reset();  // Another variant has this SKU by now, or none has.
        const auto sku = TRY(catalog_.sku_of(store, line.variant));
        if (sku && *sku != line.sku) {
            renamed.push_back(i);
            skus.push_back(*sku);
        }
    }
    if (renamed.empty()) {
        return {};
    }
    auto found = TRY(catalog_.offers(store, skus));
    for (std::size_t i = 0; i < renamed.size(); ++i) {
        Line& line = cart.lines[renamed[i]];
        if (found[i] && found[i]->variant == line.variant) {
            line.sku = skus[i];
            offers[renamed[i]] = std::move(found[i]);
        }
    }
    return {};
}

Result<PricedCart> Carts::price(const StoreId& store, Cart cart) const {
    const Offers offers = TRY(offers_of(store, cart));
    const auto settings = TRY(stores_.store(store));
    return priced(std::move(cart), offers, settings);
}

Result<PricedCart> Carts::cart(const Caller& caller, const CartId& id) const {
    PricedCart shown = TRY(price(caller.in_store(), TRY(held_by(caller, id))));
    // From the moment that orders decide, not from when the event that says so is here.
    if (shown.cart.status == Status::open) {
        switch (TRY(holds_.standing(caller.in_store(), shown.cart.key))) {
            case orders::CartStanding::free: break;
            case orders::CartStanding::ordering: shown.cart.status = Status::ordering; break;
            case orders::CartStanding::ordered: shown.cart.status = Status::ordered; break;
        }
    }
    return shown;
}

Result<Checkout> Carts::checkout(const Caller& caller, const CartId& id) const {
    PricedCart priced = TRY(price(caller.in_store(), TRY(held_by(caller, id))));
    return Checkout{.cart_key = priced.cart.key,
                    .version = priced.cart.version,
                    .row_version = priced.cart.row_version,
                    .order_id = priced.cart.status == Status::open ? "" : priced.cart.order.id,
                    .attempts = priced.cart.order.attempt,
                    .customer = priced.cart.customer,
                    .email = priced.cart.email,
                    .lines = std::move(priced.lines),
                    .shipping_address = priced.cart.shipping_address,
                    .shipping_method_id = priced.cart.shipping_method_id,
                    .shipping_method_name = priced.shipping_method_name,
                    .shipping_method_gone = priced.shipping_method_gone,
                    .totals = priced.totals,
                    .tax_included = priced.tax_included,
                    .terms_changed = priced.terms_changed};
}

void Carts::bind(Changes& changes, const StoreId& store, const Checkout& checkout) const {
    repository(store).check_head(changes, checkout.cart_key, checkout.row_version);
}

std::unexpected<Error> Carts::being_ordered() {
    return fail(errors::cart_not_open, "The cart is being ordered.");
}

Result<void> Carts::keep_unordered(Changes& changes, const StoreId& store, const Cart& cart) const {
    if (cart.version != 0 && TRY(holds_.held(store, cart.key, changes))) {
        return being_ordered();
    }
    return {};
}

}  // namespace souk::carts
