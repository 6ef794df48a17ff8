#include <algorithm>
#include <limits>
#include <ranges>

#include "domain/base/json.h"
#include "domain/orders/order.h"

namespace souk::orders {

namespace {

std::optional<std::string> or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void quantities(JsonWriter& out, std::string_view name, const std::vector<LineQuantity>& parts) {
    out.key(name).begin_array();
    for (const auto& part : parts) {
        out.begin_object()
            .member("line_id", part.line.text())
            .member("quantity", part.quantity)
            .end_object();
    }
    out.end_array();
}

/// More than the longest line: a title of four texts, each character escaped.
constexpr std::size_t line_bytes_max = 8 * 1024;

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

/// How much of an order is shown. Units of the last two: bytes.
struct Extent {
    std::size_t lines = carts::lines_max;
    std::size_t bytes = everything;        // In all.
    std::size_t parts_bytes = everything;  // Of the fulfilments, and of the refunds.
};

/// The first `count`, as far as the text stays below `bytes`.
void lines(JsonWriter& out, const Order& order, std::size_t count, std::size_t bytes) {
    const Pieces fulfilled = fulfilled_pieces(order);
    const Pieces refunded = refunded_pieces(order);
    out.key("lines").begin_array();
    for (const auto& line : order.lines | std::views::take(count)) {
        if (out.text().size() + line_bytes_max > bytes) {
            break;
        }
        out.begin_object()
            .member("id", line.id.text())
            .member("product_id", line.product.text())
            .member("variant_id", line.variant.text())
            .member("sku", line.sku)
            .member("title", line.title)
            .member("quantity", line.quantity)
            .raw_member("unit_price", render_money(line.unit_price))
            .raw_member("total", render_money(line.total))
            .raw_member("tax", render_money(line.tax))
            .member("fulfilled_quantity", pieces_of(fulfilled, line.id))
            .member("refunded_quantity", pieces_of(refunded, line.id))
            .end_object();
    }
    out.end_array();
    out.member("line_count", order.lines.size());
}

void payment(JsonWriter& out, const Payment& payment) {
    out.key("payment")
        .begin_object()
        .member("id", payment.id.text())
        .member("provider", payment.provider)
        .member("method", payment.method)
        .member("status", name_of(payment.status))
        .raw_member("amount", render_money(payment.amount))
        .member("decline_reason", or_null(payment.decline_reason))
        .end_object();
}

}  // namespace

std::string render_fulfilment(const Fulfilment& fulfilment) {
    JsonWriter out;
    out.begin_object().member("id", fulfilment.id.text());
    quantities(out, "lines", fulfilment.lines);
    out.key("tracking")
        .begin_object()
        .member("carrier", or_null(fulfilment.carrier))
        .member("number", or_null(fulfilment.tracking_number))
        .member("url", or_null(fulfilment.tracking_url))
        .end_object();
    return out.member("created_at", to_rfc3339(fulfilment.created_at)).end_object().take();
}

std::string render_refund(const Refund& refund) {
    JsonWriter out;
    out.begin_object()
        .member("id", refund.id.text())
        .raw_member("amount", render_money(refund.amount))
        .member("status", name_of(refund.status))
        .member("reason", or_null(refund.reason));
    quantities(out, "lines", refund.lines);
    quantities(out, "restock", refund.restock);
    return out.member("created_at", to_rfc3339(refund.created_at)).end_object().take();
}

namespace {

/// The newest that have room, oldest first.
template <class Part>
std::string newest(const std::vector<Part>& parts, std::string (*render)(const Part&),
                   std::size_t bytes) {
    std::vector<std::string> rendered;
    for (const auto& part : parts | std::views::reverse) {
        rendered.push_back(render(part));
        if (rendered.back().size() > bytes) {
            rendered.pop_back();
            break;
        }
        bytes -= rendered.back().size();
    }
    JsonWriter out;
    out.begin_array();
    for (const auto& part : rendered | std::views::reverse) {
        out.raw(part);
    }
    return out.end_array().take();
}

std::string render(const Order& order, std::string_view token, const Extent& extent) {
    const std::string fulfilments =
        newest(order.fulfilments, render_fulfilment, extent.parts_bytes);
    const std::string refunds = newest(order.refunds, render_refund, extent.parts_bytes);
    JsonWriter out;
    out.begin_object()
        .member("id", order.id.text())
        .member("number", order.number)
        .member("status", name_of(order.status))
        .member("cancel_reason", or_null(order.cancel_reason))
        .member("customer_id",
                order.customer ? std::optional(order.customer->text()) : std::nullopt)
        .member("email", order.email);
    if (!token.empty()) {
        out.member("token", token);
    }
    const std::size_t taken = fulfilments.size() + refunds.size();
    lines(out, order, extent.lines, extent.bytes - std::min(extent.bytes, taken));
    out.raw_member("totals", render_totals(order.totals));
    out.member("tax_included", order.tax_included)
        .member("currency", order.totals.total.currency.code())
        .raw_member("shipping_address",
                    order.shipping_address ? render_address(*order.shipping_address) : "null")
        .member("shipping_method_id", or_null(order.shipping_method_id))
        .member("shipping_method_name", or_null(order.shipping_method_name));
    payment(out, order.payment);
    return out.member("fulfilment_status", fulfilment_status(order))
        .raw_member("fulfilments", fulfilments)
        .raw_member("refunds", refunds)
        .member("placed_at", to_rfc3339(order.placed_at))
        .member("version", order.version)
        .end_object()
        .take();
}

}  // namespace

std::string render_order(const Order& order, std::string_view token) {
    return render(order, token, {});
}

std::string render_order_in_event(const Order& order, std::size_t bytes) {
    return render(order, {}, {.lines = event_lines_max, .bytes = bytes, .parts_bytes = bytes / 4});
}

}  // namespace souk::orders
