#include "saga/audit.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/notifications/mail_record.h"
#include "domain/products/product_repository.h"
#include "domain/products/stock.h"

namespace souk::testing {

namespace {

/// The partition without its store.
std::string_view inner(const RowKey& key) {
    const std::string_view partition = key.partition;
    const auto wall = partition.find('#');
    return wall == std::string_view::npos ? partition : partition.substr(wall + 1);
}

std::string_view after(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

/// The legal moves once more, from the design and not from the code.
bool is_legal(std::string_view from, std::string_view to) {
    static const std::set<std::pair<std::string_view, std::string_view>> moves{
        {"", "pending"},
        {"pending", "awaiting_payment"},
        {"pending", "cancelled"},
        {"awaiting_payment", "confirmed"},
        {"awaiting_payment", "cancelled"},
        {"confirmed", "completed"},
        {"confirmed", "cancelled"}};
    return from == to || moves.contains({from, to});
}

}  // namespace

Audit::Audit(World& world)
    : world_(world),
      order_rows_(world.rows, "orders", world.test.environment()),
      product_rows_(world.rows, "products", world.test.environment()),
      cart_rows_(world.rows, "carts", world.test.environment()) {
    world_.rows.observe(*this);
}
Audit::~Audit() { world_.rows.forget(*this); }

void Audit::found(std::string what) {
    if (!violation_) {
        violation_ = std::move(what);
    }
}

void Audit::committed(const Transaction& transaction) noexcept {
    for (const auto& event : transaction.events) {
        note(event);
    }
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        const std::string_view prefix = key.table == "orders" ? "order#" : "reservation#";
        if (const auto id = after(inner(key), prefix); !id.empty()) {
            touched_.emplace(id);
        }
        if (const auto* put = std::get_if<Put>(&write)) {
            note(*put);
        }
    }
}

void Audit::note(const Event& event) {
    fresh_.push_back(event);
    static const std::set<std::string_view> once{
        "souk.order.placed.v1",   "souk.order.confirmed.v1", "souk.order.cancelled.v1",
        "souk.stock.reserved.v1", "souk.stock.rejected.v1",  "souk.stock.released.v1"};
    if (once.contains(event.type) && ++announced_[cat(event.type, event.subject)] > 1) {
        found(cat(event.type, " of ", event.subject, " was announced twice"));
    }
    if (event.type == "souk.order.placed.v1") {
        orders_.push_back(OrderId::trusted(event.subject));
    } else if (event.type == "souk.order.confirmed.v1") {
        ++confirmations_;
        confirmed_.push_back(event);
    } else if (event.type == "souk.order.cancelled.v1") {
        ++cancellations_;
    }
    if (const auto mail = notifications::mail_of(event)) {
        mail_ids_.insert(mail->text());
    }
}

void Audit::note(const Put& put) {
    const RowKey& key = put.row.key;
    const bool is_head = key.table == "orders" && key.sort == "head";
    const bool is_adjustment = key.table == "products" && key.sort.starts_with("adjustment#");
    if (!is_head && !is_adjustment) {
        return;
    }
    const auto document = JsonDocument::parse(put.row.body);
    if (!document) {
        found(cat("A row is not JSON: ", key.partition));
    } else if (is_head) {
        note_move(std::string(after(inner(key), "order#")), document->root()["status"].text_or());
    } else {
        adjusted_[std::string(after(inner(key), "stock#"))] +=
            document->root()["delta"].integer_or(0);
    }
}

void Audit::note_move(const std::string& order, std::string_view to) {
    std::string& status = status_[order];
    if (!is_legal(status, to)) {
        found(cat("The order ", order, " went from ", status, " to ", to));
    }
    status = to;
}

Audit::Reservation Audit::reservation(const OrderId& id) const {
    const products::ReservationRepository repository(product_rows_.store(world_.shop));
    Reservation stock{*repository.head(id.text()), {}};
    if (stock.head) {
        stock.chunks = *repository.chunks(id.text(), stock.head->chunks);
    }
    return stock;
}

orders::Order Audit::read(const OrderId& id) const {
    return **orders::OrderRepository(order_rows_.store(world_.shop)).find(id);
}

void Audit::check() {
    for (const auto& id : std::exchange(touched_, {})) {
        check_order(OrderId::trusted(id));
    }
    for (const auto& good : world_.goods) {
        check_stock(good);
    }
}

void Audit::check_order(const OrderId& id) {
    const orders::Order order = read(id);
    const Reservation stock = reservation(id);
    take_stock(id, stock);
    auto& live = live_[order.cart_key];
    if (order.status == orders::Status::cancelled) {
        live.erase(id.text());
    } else {
        live.insert(id.text());
    }
    if (live.size() > 1) {
        found(cat("One cart has two orders: ", *live.begin(), " and ", *live.rbegin()));
    }
    if (order.status == orders::Status::confirmed || order.status == orders::Status::completed) {
        check_live(order, stock);
    }
    check_refunds(order);
}

void Audit::check_live(const orders::Order& order, const Reservation& stock) {
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    static const std::set<std::string_view> paid{"authorised", "captured", "partially_refunded",
                                                 "refunded"};
    if (!paid.contains(standing.status) || standing.amount != order.totals.total.amount) {
        found(cat("The order ", order.id.text(), " is confirmed and its payment ", standing.status,
                  " ", standing.amount, " of ", order.totals.total.amount));
    }
    if (!order.fulfilments.empty() && standing.status == "authorised") {
        found(cat("The order ", order.id.text(), " was sent and its money not taken"));
    }
    std::map<std::string, std::int64_t> missing;
    for (const auto& line : order.lines) {
        missing[line.sku] += line.quantity;
    }
    for (const auto& chunk : stock.chunks) {
        for (const auto& line : chunk.lines) {
            missing[line.sku] -= line.quantity;
        }
        if (chunk.state == products::ChunkState::returned) {
            found(cat("The order ", order.id.text(), " is confirmed and its goods are back"));
        }
    }
    if (!std::ranges::all_of(missing, [](const auto& sku) { return sku.second == 0; })) {
        found(cat("The order ", order.id.text(), " is confirmed without its goods"));
    }
}

void Audit::check_refunds(const orders::Order& order) {
    std::int64_t sum = 0;
    for (const auto& refund : order.refunds) {
        sum += refund.status == orders::RefundStatus::failed ? 0 : refund.amount.amount;
    }
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    if (sum > order.totals.total.amount || standing.refunded > standing.amount) {
        found(cat("The order ", order.id.text(), " has refunds of ", sum,
                  " (provider: ", standing.refunded, ") of ", order.totals.total.amount));
    }
    for (const auto& line : order.lines) {
        if (orders::refunded_of(order, line.id) > line.quantity ||
            orders::fulfilled_of(order, line.id) > line.quantity) {
            found(cat("The order ", order.id.text(), " sent or refunded more ", line.sku,
                      " than it has"));
        }
    }
}

void Audit::take_stock(const OrderId& id, const Reservation& stock) {
    Taken taken;
    for (const auto& chunk : stock.chunks) {
        auto& whose = chunk.state == products::ChunkState::held ? taken.held : taken.sold;
        for (const auto& line : chunk.lines) {
            whose[line.variant] +=
                chunk.state == products::ChunkState::returned ? 0 : line.quantity - line.returned;
        }
    }
    taken_[id.text()] = std::move(taken);
}

void Audit::check_stock(const Good& good) {
    const auto key = products::stock_key(good.variant);
    const auto row = *product_rows_.store(world_.shop).find(key.partition, key.sort);
    const products::Stock stock = products::stock_from(row->counters);
    const std::string variant = good.variant.text();
    std::int64_t held = 0;
    std::int64_t sold = 0;
    for (auto& [order, taken] : taken_) {
        const auto find = [&](const auto& parts) {
            const auto part = parts.find(variant);
            return part == parts.end() ? 0 : part->second;
        };
        held += find(taken.held);
        sold += find(taken.sold);
    }
    const auto adjusted = adjusted_.find(variant);
    const std::int64_t all =
        good.opening_stock + (adjusted == adjusted_.end() ? 0 : adjusted->second);
    const bool negative = stock.available < 0 || stock.reserved < 0 || stock.on_hand < 0;
    if (negative || stock.on_hand != stock.available + stock.reserved || stock.reserved != held ||
        stock.available + stock.reserved + sold != all) {
        found(cat(good.sku, ": available ", stock.available, ", reserved ", stock.reserved,
                  " (orders hold ", held, "), on hand ", stock.on_hand, ", sold ", sold,
                  ", opening stock and adjustments ", all));
    }
}

}  // namespace souk::testing
