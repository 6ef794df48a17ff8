#include "domain/orders/order_events.h"

#include <algorithm>

#include "domain/base/json.h"

namespace souk::orders {

namespace {

JsonWriter& begin(JsonWriter& out, const Order& order) {
    return out.begin_object()
        .raw_member("order", render_order(order, {}, event_lines_max))
        .member("cart_key", order.cart_key)
        .member("cart_attempt", order.cart_attempt);
}

}  // namespace

std::string placed_body(const Order& order) {
    JsonWriter out;
    begin(out, order).key("stock").begin_array();
    for (const auto& line : order.lines) {
        out.begin_object().member("sku", line.sku).member("quantity", line.quantity).end_object();
    }
    return out.end_array().end_object().take();
}

std::string confirmed_body(const Order& order) {
    JsonWriter out;
    return begin(out, order).end_object().take();
}

std::string cancelled_body(const Order& order) {
    JsonWriter out;
    return begin(out, order).member("reason", order.cancel_reason).end_object().take();
}

std::string fulfilled_body(const Order& order, const Fulfilment& fulfilment) {
    JsonWriter out;
    return begin(out, order)
        .raw_member("fulfilment", render_fulfilment(fulfilment))
        .end_object()
        .take();
}

std::string refunded_body(const Order& order, const Refund& refund) {
    JsonWriter out;
    begin(out, order).raw_member("refund", render_refund(refund)).key("restock").begin_array();
    for (const auto& part : refund.restock) {
        const auto line = std::ranges::find(order.lines, part.line, &Line::id);
        if (line != order.lines.end()) {
            out.begin_object()
                .member("sku", line->sku)
                .member("quantity", part.quantity)
                .end_object();
        }
    }
    return out.end_array().end_object().take();
}

std::string refund_requested_body(const Order& order, const Refund& refund) {
    JsonWriter out;
    return out.begin_object()
        .member("order_id", order.id.text())
        .member("refund_id", refund.id.text())
        .end_object()
        .take();
}

}  // namespace souk::orders
