#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/address.h"
#include "domain/base/id.h"
#include "domain/base/money.h"
#include "domain/base/totals.h"
#include "domain/carts/contract.h"

/// An order, its states and its arithmetic. Pure.
namespace souk::orders {

enum class Status { pending, awaiting_payment, confirmed, completed, cancelled };
enum class PaymentStatus {
    none,
    authorised,
    captured,
    partially_refunded,
    refunded,
    voided,
    declined
};
enum class RefundStatus { pending, done, failed };

[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] std::string_view name_of(PaymentStatus status);
[[nodiscard]] std::string_view name_of(RefundStatus status);
[[nodiscard]] std::optional<Status> status_named(std::string_view name);
[[nodiscard]] std::optional<PaymentStatus> payment_status_named(std::string_view name);
[[nodiscard]] std::optional<RefundStatus> refund_status_named(std::string_view name);

/// The one table of legal moves.
[[nodiscard]] bool may_move(Status from, Status to);
/// Neither stock nor payment can change its fate any more, or both have agreed.
[[nodiscard]] bool is_settled(Status status);

/// How long what is under way with the provider is left to its message, before the sweep takes it
/// up: longer than a bus tries. Again and again, until it is done.
inline constexpr std::chrono::minutes money_patience{10};
/// The same for a payment that was asked for and not answered: its customer waits, and so do the
/// goods.
inline constexpr std::chrono::minutes payment_patience{2};

/// Units: per order. Each is a row of its own. The refund of the rest after a cancellation may be
/// one more.
inline constexpr std::size_t fulfilments_max = 200;
inline constexpr std::size_t refunds_max = 200;

struct Line {
    LineId id;
    ProductId product;
    VariantId variant;
    std::string sku;
    std::string title;
    std::int64_t quantity = 0;
    Money unit_price;
    Money total;
    Money tax;
};

struct LineQuantity {
    LineId line;
    std::int64_t quantity = 0;
};

struct Fulfilment {
    FulfilmentId id;
    std::vector<LineQuantity> lines;
    std::string carrier, tracking_number, tracking_url;
    Instant created_at;
};

struct Refund {
    RefundId id;
    Money amount;
    std::vector<LineQuantity> lines;
    std::vector<LineQuantity> restock;
    std::string reason;
    RefundStatus status = RefundStatus::pending;
    Instant created_at;
    std::uint64_t row_version = 0;
};

struct Payment {
    PaymentId id;
    std::string provider;
    std::string method;  // The provider's own word.
    PaymentStatus status = PaymentStatus::none;
    Money amount;
    std::string reference;
    std::string decline_reason;
};

/// What happened to an order, in words that a person at the shop understands.
struct TimelineEntry {
    Instant at;
    std::string type;    // "placed", "stock_reserved", "confirmed" …
    std::string detail;  // May be empty.
    std::string actor;   // user_…, key_…, "system" or "guest".
};

struct Order {
    OrderId id;
    std::int64_t number = 0;
    Status status = Status::pending;
    std::string cancel_reason;
    std::optional<UserId> customer;
    std::string email;
    std::string token_hash;  // Of the guest's token; empty for customers.
    std::string cart_key;
    std::int64_t cart_attempt = 0;  // Which order of its cart, from 1; 0: not counted then.
    std::vector<Line> lines;
    Totals totals;
    bool tax_included = false;
    std::optional<Address> shipping_address;
    std::string shipping_method_id, shipping_method_name;
    Payment payment;
    std::vector<Fulfilment> fulfilments;
    std::int64_t fulfilments_counted = 0;  // By the head, when it was last put.
    std::vector<Refund> refunds;
    Instant placed_at;
    Instant deadline;                  // Of pending and awaiting_payment.
    bool release_open = false;         // Cancelled, and the provider may still hold money.
    std::optional<Instant> money_due;  // When the sweep looks after payment, release, refund.
    std::vector<TimelineEntry> news;   // In their order; the head takes them to the timeline.
    std::uint64_t version = 0;
};

/// Errors: illegal_transition.
[[nodiscard]] Result<void> move(Order& order, Status to);

/// Pieces of lines, by the lines' ids: one pass over the parts, however many lines there are.
using Pieces = std::map<std::string, std::int64_t, std::less<>>;
[[nodiscard]] Pieces fulfilled_pieces(const Order& order);
/// In refunds that are done or under way.
[[nodiscard]] Pieces refunded_pieces(const Order& order);
[[nodiscard]] std::int64_t pieces_of(const Pieces& pieces, const LineId& line);

[[nodiscard]] std::int64_t fulfilled_of(const Order& order, const LineId& line);
/// Whether a refund was asked for that the provider has not given yet.
[[nodiscard]] bool has_open_refund(const Order& order);
/// Whether the provider has still to give something back.
[[nodiscard]] bool owes_money(const Order& order);
/// In refunds that are done or under way.
[[nodiscard]] std::int64_t refunded_of(const Order& order, const LineId& line);
/// "unfulfilled", "partially_fulfilled" or "fulfilled".
[[nodiscard]] std::string_view fulfilment_status(const Order& order);
/// What was neither sent nor refunded. Whether a refund was for a piece that had been sent is often
/// not known, so each is taken for one that need not be sent any more; who knows better names
/// lines.
[[nodiscard]] std::vector<LineQuantity> left_to_send(const Order& order);
/// What of a line may be sent by name: all but what was sent, and what was refunded when less had
/// been sent, which then nobody can have sent back.
[[nodiscard]] std::int64_t may_be_sent(const Order& order, const Line& line);
/// What may still be refunded: the total less all refunds that did not fail.
[[nodiscard]] Money refundable(const Order& order);
/// What `quantity` pieces of a line cost, tax and all, after `done` pieces were refunded: the parts
/// of a line add up to the line exactly.
[[nodiscard]] Money share_of(const Order& order, const Line& line, std::int64_t done,
                             std::int64_t quantity);
/// Errors: not_found.
[[nodiscard]] Result<Line> line_of(const Order& order, const LineId& id);

/// The public representation. `token` is the guest's, on the answer that makes it; else empty.
[[nodiscard]] std::string render_order(const Order& order, std::string_view token);
/// How many lines the representation in an event carries; the order itself has them all.
inline constexpr std::size_t event_lines_max = 100;
/// The same within `bytes`: the first event_lines_max lines and the newest fulfilments and refunds,
/// as far as they have room.
[[nodiscard]] std::string render_order_in_event(const Order& order, std::size_t bytes);
[[nodiscard]] std::string render_fulfilment(const Fulfilment& fulfilment);
[[nodiscard]] std::string render_refund(const Refund& refund);

}  // namespace souk::orders
