#include "domain/orders/order.h"

#include <algorithm>
#include <array>

#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/orders/errors.h"

namespace souk::orders {

namespace {

constexpr Names<Status, 5> status_table{{
    {Status::pending, "pending"},
    {Status::awaiting_payment, "awaiting_payment"},
    {Status::confirmed, "confirmed"},
    {Status::completed, "completed"},
    {Status::cancelled, "cancelled"},
}};

constexpr Names<PaymentStatus, 7> payment_table{{
    {PaymentStatus::none, "none"},
    {PaymentStatus::authorised, "authorised"},
    {PaymentStatus::captured, "captured"},
    {PaymentStatus::partially_refunded, "partially_refunded"},
    {PaymentStatus::refunded, "refunded"},
    {PaymentStatus::voided, "voided"},
    {PaymentStatus::declined, "declined"},
}};

constexpr Names<RefundStatus, 3> refund_table{{
    {RefundStatus::pending, "pending"},
    {RefundStatus::done, "done"},
    {RefundStatus::failed, "failed"},
}};

constexpr std::array<std::pair<Status, Status>, 6> moves{{
    {Status::pending, Status::awaiting_payment},
    {Status::pending, Status::cancelled},
    {Status::awaiting_payment, Status::confirmed},
    {Status::awaiting_payment, Status::cancelled},
    {Status::confirmed, Status::completed},
    {Status::confirmed, Status::cancelled},
}};

void add(Pieces& pieces, const std::vector<LineQuantity>& parts) {
    for (const auto& part : parts) {
        pieces[part.line.text()] += part.quantity;
    }
}

std::int64_t pieces_in(const std::vector<LineQuantity>& parts, const LineId& line) {
    std::int64_t count = 0;
    for (const auto& part : parts) {
        count += part.line == line ? part.quantity : 0;
    }
    return count;
}

}  // namespace

std::string_view name_of(Status status) { return name_in(status_table, status); }
std::string_view name_of(PaymentStatus status) { return name_in(payment_table, status); }
std::string_view name_of(RefundStatus status) { return name_in(refund_table, status); }
std::optional<Status> status_named(std::string_view name) { return value_in(status_table, name); }
std::optional<PaymentStatus> payment_status_named(std::string_view name) {
    return value_in(payment_table, name);
}
std::optional<RefundStatus> refund_status_named(std::string_view name) {
    return value_in(refund_table, name);
}

bool may_move(Status from, Status to) {
    return std::ranges::find(moves, std::pair{from, to}) != moves.end();
}

bool is_settled(Status status) {
    return status != Status::pending && status != Status::awaiting_payment;
}

Result<void> move(Order& order, Status to) {
    if (!may_move(order.status, to)) {
        return fail(errors::illegal_transition, cat("An order that is ", name_of(order.status),
                                                    " cannot become ", name_of(to), "."));
    }
    order.status = to;
    return {};
}

Pieces fulfilled_pieces(const Order& order) {
    Pieces pieces;
    for (const auto& fulfilment : order.fulfilments) {
        add(pieces, fulfilment.lines);
    }
    return pieces;
}

Pieces refunded_pieces(const Order& order) {
    Pieces pieces;
    for (const auto& refund : order.refunds) {
        if (refund.status != RefundStatus::failed) {
            add(pieces, refund.lines);
        }
    }
    return pieces;
}

std::int64_t pieces_of(const Pieces& pieces, const LineId& line) {
    const auto found = pieces.find(line.text());
    return found == pieces.end() ? 0 : found->second;
}

std::int64_t fulfilled_of(const Order& order, const LineId& line) {
    std::int64_t count = 0;
    for (const auto& fulfilment : order.fulfilments) {
        count += pieces_in(fulfilment.lines, line);
    }
    return count;
}

std::int64_t refunded_of(const Order& order, const LineId& line) {
    std::int64_t count = 0;
    for (const auto& refund : order.refunds) {
        count += refund.status == RefundStatus::failed ? 0 : pieces_in(refund.lines, line);
    }
    return count;
}

bool has_open_refund(const Order& order) {
    return std::ranges::find(order.refunds, RefundStatus::pending, &Refund::status) !=
           order.refunds.end();
}

bool owes_money(const Order& order) { return order.release_open || has_open_refund(order); }

std::string_view fulfilment_status(const Order& order) {
    if (order.fulfilments.empty()) {
        return "unfulfilled";
    }
    return left_to_send(order).empty() ? "fulfilled" : "partially_fulfilled";
}

std::int64_t may_be_sent(const Order& order, const Line& line) {
    std::int64_t sent_back = 0, called_off = 0;
    for (const auto& refund : order.refunds) {
        const std::int64_t pieces =
            refund.status == RefundStatus::failed ? 0 : pieces_in(refund.lines, line.id);
        if (pieces == 0) {
            continue;
        }
        std::int64_t sent_before = 0;
        for (const auto& fulfilment : order.fulfilments) {
            if (fulfilment.created_at < refund.created_at) {
                sent_before += pieces_in(fulfilment.lines, line.id);
            }
        }
        const std::int64_t back = std::min(pieces, sent_before - sent_back);
        sent_back += back;
        called_off += pieces - back;
    }
    return line.quantity - fulfilled_of(order, line.id) - called_off;
}

std::vector<LineQuantity> left_to_send(const Order& order) {
    const Pieces fulfilled = fulfilled_pieces(order);
    const Pieces refunded = refunded_pieces(order);
    std::vector<LineQuantity> left;
    for (const auto& line : order.lines) {
        const std::int64_t quantity =
            line.quantity - pieces_of(fulfilled, line.id) - pieces_of(refunded, line.id);
        if (quantity > 0) {
            left.push_back({line.id, quantity});
        }
    }
    return left;
}

Money refundable(const Order& order) {
    Money left = order.totals.total;
    for (const auto& refund : order.refunds) {
        left.amount -= refund.status == RefundStatus::failed ? 0 : refund.amount.amount;
    }
    return left;
}

Money share_of(const Order& order, const Line& line, std::int64_t done, std::int64_t quantity) {
    const Money gross{line.total.currency,
                      line.total.amount + (order.tax_included ? 0 : line.tax.amount)};
    const auto first = [&](std::int64_t pieces) {
        return split(gross, {pieces, line.quantity - pieces}).front().amount;
    };
    return {gross.currency, first(done + quantity) - first(done)};
}

Result<Line> line_of(const Order& order, const LineId& id) {
    const auto found = std::ranges::find(order.lines, id, &Line::id);
    if (found == order.lines.end()) {
        return fail(souk::errors::not_found, "The order has no such line.");
    }
    return *found;
}

}  // namespace souk::orders
