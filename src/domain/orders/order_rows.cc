#include "domain/orders/order_rows.h"

#include "domain/base/json.h"

namespace souk::orders::rows {

namespace {

std::unexpected<Error> corrupt() {
    return fail(souk::errors::corrupt_row, "An order's row has an unknown format.");
}

void encode_quantities(JsonWriter& out, std::string_view name,
                       const std::vector<LineQuantity>& parts) {
    out.key(name).begin_array();
    for (const auto& part : parts) {
        out.begin_array().value(part.line.text()).value(part.quantity).end_array();
    }
    out.end_array();
}

std::vector<LineQuantity> decode_quantities(JsonView json) {
    std::vector<LineQuantity> parts;
    for (std::size_t i = 0; i < json.size(); ++i) {
        parts.push_back(
            {LineId::trusted(json.at(i).at(0).text_or()), json.at(i).at(1).integer_or(0)});
    }
    return parts;
}

void encode_totals(JsonWriter& out, const Totals& totals) {
    out.key("totals").begin_array();
    for (const Money& money :
         {totals.subtotal, totals.discount, totals.shipping, totals.tax, totals.total}) {
        out.value(money.amount);
    }
    out.end_array();
}

Totals decode_totals(JsonView json, Currency currency) {
    const auto at = [&](std::size_t i) { return Money{currency, json.at(i).integer_or(0)}; };
    return {at(0), at(1), at(2), at(3), at(4)};
}

void encode_payment(JsonWriter& out, const Payment& payment) {
    out.key("payment")
        .begin_object()
        .member("id", payment.id.text())
        .member("provider", payment.provider)
        .member("method", payment.method)
        .member("status", name_of(payment.status))
        .member("amount", payment.amount.amount)
        .member("reference", payment.reference)
        .member("declined", payment.decline_reason)
        .end_object();
}

Result<Payment> decode_payment(JsonView json, Currency currency) {
    const auto status = payment_status_named(json["status"].text_or("none"));
    if (!status) {
        return corrupt();
    }
    return Payment{.id = PaymentId::trusted(json["id"].text_or()),
                   .provider = json["provider"].text_or(),
                   .method = json["method"].text_or(),
                   .status = *status,
                   .amount = {currency, json["amount"].integer_or(0)},
                   .reference = json["reference"].text_or(),
                   .decline_reason = json["declined"].text_or()};
}

}  // namespace

std::string encode_head(const Order& order) {
    JsonWriter out;
    out.begin_object()
        .member("v", format)
        .member("number", order.number)
        .member("status", name_of(order.status))
        .member("reason", order.cancel_reason)
        .member("customer", order.customer ? std::optional(order.customer->text()) : std::nullopt)
        .member("email", order.email)
        .member("token", order.token_hash)
        .member("cart", order.cart_key)
        .member("cart_attempt", order.cart_attempt)
        .member("currency", order.totals.total.currency.code());
    encode_totals(out, order.totals);
    out.member("tax_included", order.tax_included)
        .member("method", order.shipping_method_id)
        .member("method_name", order.shipping_method_name);
    if (order.shipping_address) {
        out.raw_member("address", render_address(*order.shipping_address));
    }
    encode_payment(out, order.payment);
    return out.member("placed", order.placed_at.unix_ms())
        .member("deadline", order.deadline.unix_ms())
        .member("fulfilments", std::ssize(order.fulfilments))
        .member("release_open", order.release_open)
        .member("money_due",
                order.money_due ? std::optional(order.money_due->unix_ms()) : std::nullopt)
        .end_object()
        .take();
}

Result<Order> decode_head(const OrderId& id, std::string_view body, std::uint64_t version) {
    const JsonDocument document = TRY(JsonDocument::parse(body));
    const JsonView json = document.root();
    const auto currency = Currency::parse(json["currency"].text_or());
    const auto status = status_named(json["status"].text_or());
    if (json["v"].integer_or(0) != format || !currency || !status) {
        return corrupt();
    }
    auto payment = TRY(decode_payment(json["payment"], *currency));
    Order order{.id = id,
                .number = json["number"].integer_or(0),
                .status = *status,
                .cancel_reason = json["reason"].text_or(),
                .email = json["email"].text_or(),
                .token_hash = json["token"].text_or(),
                .cart_key = json["cart"].text_or(),
                .cart_attempt = json["cart_attempt"].integer_or(0),
                .totals = decode_totals(json["totals"], *currency),
                .tax_included = json["tax_included"].bool_or(false),
                .shipping_method_id = json["method"].text_or(),
                .shipping_method_name = json["method_name"].text_or(),
                .payment = std::move(payment),
                .fulfilments_counted = json["fulfilments"].integer_or(0),
                .placed_at = Instant::from_unix_ms(json["placed"].integer_or(0)),
                .deadline = Instant::from_unix_ms(json["deadline"].integer_or(0)),
                .release_open = json["release_open"].bool_or(false),
                .version = version};
    if (json["customer"].is_string()) {
        order.customer = UserId::trusted(json["customer"].text_or());
    }
    if (const auto due = json["money_due"].integer()) {
        order.money_due = Instant::from_unix_ms(*due);
    }
    if (json["address"].is_object()) {
        order.shipping_address = parse_address(json["address"]);
    }
    return order;
}

std::string encode_lines(const Order& order, std::size_t first, std::size_t count) {
    JsonWriter out;
    out.begin_object().member("v", format).key("lines").begin_array();
    for (std::size_t i = first; i < first + count; ++i) {
        const Line& line = order.lines[i];
        out.begin_object()
            .member("id", line.id.text())
            .member("product", line.product.text())
            .member("variant", line.variant.text())
            .member("sku", line.sku)
            .member("title", line.title)
            .member("quantity", line.quantity)
            .member("unit", line.unit_price.amount)
            .member("total", line.total.amount)
            .member("tax", line.tax.amount)
            .end_object();
    }
    return out.end_array().end_object().take();
}

Result<void> decode_lines(Order& order, std::string_view body) {
    const JsonDocument document = TRY(JsonDocument::parse(body));
    if (document.root()["v"].integer_or(0) != format) {
        return corrupt();
    }
    const Currency currency = order.totals.total.currency;
    const JsonView lines = document.root()["lines"];
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const JsonView json = lines.at(i);
        order.lines.push_back({.id = LineId::trusted(json["id"].text_or()),
                               .product = ProductId::trusted(json["product"].text_or()),
                               .variant = VariantId::trusted(json["variant"].text_or()),
                               .sku = json["sku"].text_or(),
                               .title = json["title"].text_or(),
                               .quantity = json["quantity"].integer_or(0),
                               .unit_price = {currency, json["unit"].integer_or(0)},
                               .total = {currency, json["total"].integer_or(0)},
                               .tax = {currency, json["tax"].integer_or(0)}});
    }
    return {};
}

std::string encode_fulfilment(const Fulfilment& fulfilment) {
    JsonWriter out;
    out.begin_object().member("v", format).member("id", fulfilment.id.text());
    encode_quantities(out, "lines", fulfilment.lines);
    return out.member("carrier", fulfilment.carrier)
        .member("number", fulfilment.tracking_number)
        .member("url", fulfilment.tracking_url)
        .member("created", fulfilment.created_at.unix_ms())
        .end_object()
        .take();
}

Result<Fulfilment> decode_fulfilment(std::string_view body) {
    const JsonDocument document = TRY(JsonDocument::parse(body));
    const JsonView json = document.root();
    if (json["v"].integer_or(0) != format) {
        return corrupt();
    }
    return Fulfilment{.id = FulfilmentId::trusted(json["id"].text_or()),
                      .lines = decode_quantities(json["lines"]),
                      .carrier = json["carrier"].text_or(),
                      .tracking_number = json["number"].text_or(),
                      .tracking_url = json["url"].text_or(),
                      .created_at = Instant::from_unix_ms(json["created"].integer_or(0))};
}

std::string encode_refund(const Refund& refund) {
    JsonWriter out;
    out.begin_object()
        .member("v", format)
        .member("id", refund.id.text())
        .member("amount", refund.amount.amount)
        .member("currency", refund.amount.currency.code());
    encode_quantities(out, "lines", refund.lines);
    encode_quantities(out, "restock", refund.restock);
    return out.member("reason", refund.reason)
        .member("status", name_of(refund.status))
        .member("created", refund.created_at.unix_ms())
        .end_object()
        .take();
}

Result<Refund> decode_refund(std::string_view body, std::uint64_t version) {
    const JsonDocument document = TRY(JsonDocument::parse(body));
    const JsonView json = document.root();
    const auto currency = Currency::parse(json["currency"].text_or());
    const auto status = refund_status_named(json["status"].text_or("pending"));
    if (json["v"].integer_or(0) != format || !currency || !status) {
        return corrupt();
    }
    return Refund{.id = RefundId::trusted(json["id"].text_or()),
                  .amount = {*currency, json["amount"].integer_or(0)},
                  .lines = decode_quantities(json["lines"]),
                  .restock = decode_quantities(json["restock"]),
                  .reason = json["reason"].text_or(),
                  .status = *status,
                  .created_at = Instant::from_unix_ms(json["created"].integer_or(0)),
                  .row_version = version};
}

}  // namespace souk::orders::rows
