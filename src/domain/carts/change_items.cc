#include <algorithm>
#include <tuple>

#include "domain/base/text.h"
#include "domain/carts/carts.h"
#include "domain/carts/errors.h"

namespace souk::carts {

namespace {

Result<Line*> line_of(Cart& cart, const LineId& id) {
    const auto found = std::ranges::find(cart.lines, id, &Line::id);
    if (found == cart.lines.end()) {
        return fail(souk::errors::not_found, "The cart has no such line.");
    }
    return &*found;
}

Result<void> check_quantity(std::int64_t quantity, const std::string& pointer) {
    if (quantity > quantity_max) {
        return invalid_field(pointer + "/quantity", "too_large",
                             cat("A line holds at most ", quantity_max, " pieces."));
    }
    return {};
}

/// As every later reading has them: by the lines' ids.
void put_in_order(Cart& cart, std::vector<std::optional<products::Offer>>& offers) {
    if (std::ranges::is_sorted(cart.lines, {}, &Line::id)) {
        return;
    }
    std::vector<std::pair<Line, std::optional<products::Offer>>> both;
    for (std::size_t i = 0; i < cart.lines.size(); ++i) {
        both.emplace_back(std::move(cart.lines[i]), std::move(offers[i]));
    }
    std::ranges::sort(both, {}, [](const auto& one) -> const LineId& { return one.first.id; });
    for (std::size_t i = 0; i < both.size(); ++i) {
        std::tie(cart.lines[i], offers[i]) = std::move(both[i]);
    }
}

}  // namespace

Result<std::string> Carts::sku_named(const StoreId& store, const NewItem& item) const {
    return item.variant ? TRY(catalog_.sku_of(store, *item.variant)).value_or("") : item.sku;
}

Result<Line*> Carts::put_in(Cart& cart, const NewItem& item,
                            const std::optional<products::Offer>& offer, const LineId& fresh) {
    // What is not for sale is not shown either: a shopper cannot tell it from what never was.
    if (!offer || !offer->sellable) {
        return invalid_field(item.pointer + (item.variant ? "/variant_id" : "/sku"), "unknown_sku",
                             "The store does not sell this.");
    }
    auto line = std::ranges::find(cart.lines, offer->variant, &Line::variant);
    if (line == cart.lines.end()) {
        if (std::ssize(cart.lines) >= lines_max) {
            return fail(errors::cart_full, cat("A cart holds at most ", lines_max, " lines."));
        }
        cart.lines.push_back({.id = fresh,
                              .product = offer->product,
                              .variant = offer->variant,
                              .sku = offer->sku,
                              .title = offer->title,
                              .quantity = 0,
                              .unit_price = offer->unit_price});
        line = std::prev(cart.lines.end());
    }
    TRY(check_quantity(line->quantity + item.quantity, item.pointer));
    line->quantity += item.quantity;
    line->unit_price = offer->unit_price;
    line->title = offer->title;
    line->sku = offer->sku;
    return &*line;
}

Result<Change<PricedCart>> Carts::touched(const StoreId& id, Changes changes, Cart cart,
                                          Offers offers, const stores::Store& store) const {
    put_in_order(cart, offers);
    cart.touched_at = ledger_.environment().now();
    cart.abandonment_announced = false;
    cart.terms = terms_of(cart, store);  // The answer shows what they come to.
    repository(id).put_head(changes, cart);
    return Change<PricedCart>{TRY(priced(std::move(cart), offers, store)), std::move(changes)};
}

Result<Change<PricedCart>> Carts::changed(const Caller& caller, Changes changes, Cart cart,
                                          Offers offers, const stores::Store& store) const {
    TRY(keep_unordered(changes, caller.in_store(), cart));
    return touched(caller.in_store(), std::move(changes), std::move(cart), std::move(offers),
                   store);
}

Result<Change<PricedCart>> Carts::unchanged(const Caller& caller, Cart cart, const Offers& offers,
                                            const stores::Store& store) const {
    Changes unused;
    if (!TRY(may_take(unused, caller.in_store(), cart))) {
        return being_ordered();
    }
    return Change<PricedCart>{TRY(priced(std::move(cart), offers, store)), {}};
}

Result<Change<PricedCart>> Carts::add_item(const Caller& caller, const CartId& id,
                                           const NewItem& item) const {
    Cart cart = TRY(open_cart(caller, id));
    const std::string sku = TRY(sku_named(caller.in_store(), item));
    std::vector<std::string> skus = skus_of(cart);
    const auto at = static_cast<std::size_t>(std::ranges::find(skus, sku) - skus.begin());
    if (at == skus.size()) {
        skus.push_back(sku);
    }
    Offers offers = TRY(catalog_.offers(caller.in_store(), skus));
    const auto chosen = offers[at];
    offers.resize(cart.lines.size());
    TRY(follow_variants(caller.in_store(), cart, offers));
    Changes changes;
    const Line& line = *TRY(put_in(cart, item, chosen, ledger_.environment().fresh<LineId>()));
    repository(caller.in_store()).put_line(changes, cart, line);
    if (offers.size() < cart.lines.size()) {
        offers.push_back(chosen);
    }
    const auto store = TRY(stores_.store(caller.in_store()));
    return changed(caller, std::move(changes), std::move(cart), std::move(offers), store);
}

Result<Change<PricedCart>> Carts::set_quantity(const Caller& caller, const CartId& id,
                                               const LineId& line_id, std::int64_t quantity) const {
    Cart cart = TRY(open_cart(caller, id));
    Line& line = *TRY(line_of(cart, line_id));
    const Offers offers = TRY(offers_of(caller.in_store(), cart));
    const auto& offer = offers[static_cast<std::size_t>(&line - cart.lines.data())];
    const auto store = TRY(stores_.store(caller.in_store()));
    if (line.quantity == quantity && (!offer || line.unit_price == offer->unit_price) &&
        !terms_changed(cart, store)) {
        return unchanged(caller, std::move(cart), offers, store);
    }
    line.quantity = quantity;
    if (offer) {
        line.unit_price = offer->unit_price;  // Whoever edits a line has seen its price.
    }
    Changes changes;
    repository(caller.in_store()).put_line(changes, cart, line);
    return changed(caller, std::move(changes), std::move(cart), offers, store);
}

Result<Change<PricedCart>> Carts::remove_item(const Caller& caller, const CartId& id,
                                              const LineId& line_id) const {
    Cart cart = TRY(open_cart(caller, id));
    const Line line = *TRY(line_of(cart, line_id));
    Changes changes;
    repository(caller.in_store()).erase_line(changes, cart, line);
    std::erase_if(cart.lines, [&](const Line& other) { return other.id == line_id; });
    Offers offers = TRY(offers_of(caller.in_store(), cart));
    const auto store = TRY(stores_.store(caller.in_store()));
    return changed(caller, std::move(changes), std::move(cart), std::move(offers), store);
}

}  // namespace souk::carts
