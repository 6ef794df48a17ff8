#include "domain/carts/cart.h"

#include <algorithm>

#include "domain/base/names.h"

namespace souk::carts {

namespace {

constexpr Names<Status, 4> status_table{{
    {Status::open, "open"},
    {Status::ordering, "ordering"},
    {Status::ordered, "ordered"},
    {Status::merged, "merged"},
}};

std::int64_t tax_of(const Money& total, const stores::Tax& tax) {
    switch (tax.mode) {
        case stores::TaxMode::added: return tax_added(total.amount, tax.rate_basis_points);
        case stores::TaxMode::included: return tax_included(total.amount, tax.rate_basis_points);
    }
    return 0;
}

Result<PricedLine> priced_line(const Line& line, const std::optional<products::Offer>& offer,
                               const stores::Tax& tax) {
    const Money total = TRY(product(line.unit_price, line.quantity));
    PricedLine priced{.id = line.id,
                      .product = line.product,
                      .variant = line.variant,
                      .sku = line.sku,
                      .title = line.title,
                      .quantity = line.quantity,
                      .unit_price = line.unit_price,
                      .total = total,
                      .tax = {line.unit_price.currency, 0},
                      .price_changed = offer && offer->unit_price != line.unit_price,
                      .sellable = offer && offer->sellable};
    priced.tax.amount = tax_of(priced.total, tax);
    return priced;
}

Instant rounded_up(Instant instant, std::chrono::milliseconds unit) {
    const std::int64_t over = instant.unix_ms() % unit.count();
    return over == 0 ? instant : instant + (unit - std::chrono::milliseconds(over));
}

}  // namespace

std::string_view name_of(Status status) { return name_in(status_table, status); }

std::optional<Status> status_named(std::string_view name) { return value_in(status_table, name); }

Instant Cart::expires_at() const {
    return rounded_up(std::min(touched_at + cart_life, created_at + cart_life_max),
                      std::chrono::hours(1));
}

Instant Cart::abandoned_at() const {
    return rounded_up(touched_at + abandoned_after, std::chrono::minutes(10));
}

const stores::ShippingMethod* method_in(const stores::Store& store, std::string_view id) {
    const auto found = std::ranges::find(store.shipping_methods, id, &stores::ShippingMethod::id);
    return found == store.shipping_methods.end() ? nullptr : &*found;
}

Terms terms_of(const Cart& cart, const stores::Store& store) {
    const stores::ShippingMethod* method = method_in(store, cart.shipping_method_id);
    return {.shipping = method == nullptr ? 0 : method->price.amount,
            .tax_basis_points = store.tax.rate_basis_points,
            .tax_included = store.tax.mode == stores::TaxMode::included};
}

bool terms_changed(const Cart& cart, const stores::Store& store) {
    return cart.terms && *cart.terms != terms_of(cart, store);
}

std::vector<std::string> skus_of(const Cart& cart) {
    std::vector<std::string> skus;
    skus.reserve(cart.lines.size() + 1);
    for (const auto& line : cart.lines) {
        skus.push_back(line.sku);
    }
    return skus;
}

Result<PricedCart> priced(Cart cart, const std::vector<std::optional<products::Offer>>& offers,
                          const stores::Store& store) {
    CHECK(offers.size() == cart.lines.size());
    const Money zero{store.currency, 0};
    PricedCart result{.cart = std::move(cart),
                      .lines = {},
                      .totals = {zero, zero, zero, zero, zero},
                      .shipping_method_name = {},
                      .currency = store.currency,
                      .tax_included = store.tax.mode == stores::TaxMode::included};
    Totals& totals = result.totals;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        PricedLine line = TRY(priced_line(result.cart.lines[i], offers[i], store.tax));
        totals.subtotal = TRY(sum(totals.subtotal, line.total));
        totals.tax = TRY(sum(totals.tax, line.tax));
        result.lines.push_back(std::move(line));
    }
    const std::string& method_id = result.cart.shipping_method_id;
    const stores::ShippingMethod* method = method_in(store, method_id);
    if (method != nullptr) {
        totals.shipping = method->price;
        result.shipping_method_name = method->name;
    }
    result.shipping_method_gone = method == nullptr && !method_id.empty();
    result.terms_changed = terms_changed(result.cart, store);
    totals.total = TRY(sum(TRY(difference(totals.subtotal, totals.discount)), totals.shipping));
    if (!result.tax_included) {
        totals.total = TRY(sum(totals.total, totals.tax));
    }
    return result;
}

std::string render_cart(const PricedCart& priced) {
    const Cart& cart = priced.cart;
    JsonWriter out;
    out.begin_object();
    out.member("id", cart.id ? std::optional(cart.id->text()) : std::nullopt);
    out.member("status", name_of(cart.status));
    out.member("customer_id", cart.customer ? std::optional(cart.customer->text()) : std::nullopt);
    out.member("email", cart.email.empty() ? std::nullopt : std::optional(cart.email));
    out.key("items").begin_array();
    for (const auto& line : priced.lines) {
        out.begin_object()
            .member("id", line.id.text())
            .member("product_id", line.product.text())
            .member("variant_id", line.variant.text())
            .member("sku", line.sku)
            .member("title", line.title)
            .member("quantity", line.quantity);
        write_money(out, "unit_price", line.unit_price);
        write_money(out, "total", line.total);
        out.member("price_changed", line.price_changed)
            .member("sellable", line.sellable)
            .end_object();
    }
    out.end_array();
    out.raw_member("shipping_address",
                   cart.shipping_address ? render_address(*cart.shipping_address) : "null");
    out.member("shipping_method_id", cart.shipping_method_id.empty()
                                         ? std::nullopt
                                         : std::optional(cart.shipping_method_id));
    out.raw_member("totals", render_totals(priced.totals));
    out.member("tax_included", priced.tax_included);
    out.member("terms_changed", priced.terms_changed);
    out.member("currency", priced.currency.code());
    out.member("created_at", to_rfc3339(cart.created_at));
    out.member("expires_at", to_rfc3339(cart.expires_at()));
    out.member("version", cart.version);
    return out.end_object().take();
}

}  // namespace souk::carts
