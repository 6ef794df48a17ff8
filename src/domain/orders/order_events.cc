#include "domain/orders/order_events.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "domain/base/json.h"
#include "domain/ports/ledger.h"

namespace souk::orders {

namespace {

using Members = std::vector<std::pair<std::string_view, std::string>>;  // Names and JSON.

/// What the order's own members but its lines may come to: addresses, names, totals.
constexpr std::size_t head_bytes = 16 * 1024;
/// What the named lines of a shipment may come to, so that its order keeps most of the room.
constexpr std::size_t sent_bytes_max = 64 * 1024;

/// The order gives way to what the event is about, so that this always arrives.
std::string body_of(const Order& order, const Members& members) {
    std::size_t others = head_bytes;
    for (const auto& [name, json] : members) {
        others += name.size() + json.size();
    }
    JsonWriter out;
    out.begin_object()
        .raw_member("order",
                    render_order_in_event(order, event_body_max - std::min(others, event_body_max)))
        .member("cart_key", order.cart_key)
        .member("cart_attempt", order.cart_attempt);
    for (const auto& [name, json] : members) {
        out.raw_member(name, json);
    }
    return out.end_object().take();
}

struct Piece {
    std::string_view sku;
    std::int64_t quantity = 0;
};

std::string render_pieces(const std::vector<Piece>& pieces) {
    JsonWriter out;
    out.begin_array();
    for (const auto& piece : pieces) {
        out.begin_object().member("sku", piece.sku).member("quantity", piece.quantity).end_object();
    }
    return out.end_array().take();
}

/// The shipment's lines by name, since the order in the event has its first lines only. Of a large
/// one the first that have room: its `lines` tell of the others.
std::string render_sent(const Order& order, const Fulfilment& fulfilment) {
    JsonWriter out;
    out.begin_array();
    for (const auto& part : fulfilment.lines | std::views::take(event_lines_max)) {
        const auto line = std::ranges::find(order.lines, part.line, &Line::id);
        if (line == order.lines.end()) {
            continue;
        }
        JsonWriter named;
        named.begin_object()
            .member("sku", line->sku)
            .member("title", line->title)
            .member("quantity", part.quantity)
            .end_object();
        if (out.text().size() + named.text().size() > sent_bytes_max) {
            break;
        }
        out.raw(named.text());
    }
    return out.end_array().take();
}

}  // namespace

std::string placed_body(const Order& order) {
    std::vector<Piece> stock;
    for (const auto& line : order.lines) {
        stock.push_back({line.sku, line.quantity});
    }
    return body_of(order, {{"stock", render_pieces(stock)}});
}

std::string confirmed_body(const Order& order) { return body_of(order, {}); }

std::string cancelled_body(const Order& order) {
    JsonWriter reason;
    reason.value(order.cancel_reason);
    return body_of(order, {{"reason", reason.take()}});
}

std::string fulfilled_body(const Order& order, const Fulfilment& fulfilment) {
    return body_of(order, {{"fulfilment", render_fulfilment(fulfilment)},
                           {"sent", render_sent(order, fulfilment)}});
}

std::string refunded_body(const Order& order, const Refund& refund) {
    std::vector<Piece> restock;
    for (const auto& part : refund.restock) {
        const auto line = std::ranges::find(order.lines, part.line, &Line::id);
        if (line != order.lines.end()) {
            restock.push_back({line->sku, part.quantity});
        }
    }
    return body_of(order, {{"refund", render_refund(refund)}, {"restock", render_pieces(restock)}});
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
