#include "saga/audit.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/notifications/mail_record.h"
#include "domain/notifications/row_keys.h"
#include "domain/products/product_repository.h"
#include "domain/products/stock.h"

namespace souk::testing {

Audit::Audit(World& world)
    : world_(world),
      order_rows_(world.rows, "orders", world.test.environment()),
      product_rows_(world.rows, "products", world.test.environment()),
      cart_rows_(world.rows, "carts", world.test.environment()),
      notification_rows_(world.rows, "notifications", world.test.environment()) {
    world_.rows.observe(*this);
    world_.trouble.provider_called = [this](const ProviderCall& call) { hear(call); };
    world_.trouble.mailed = [this](const Mail& mail) { hear(mail); };
}
Audit::~Audit() { world_.rows.forget(*this); }

void Audit::found(std::string what) {
    if (!violation_) {
        violation_ = std::move(what);
    }
}

void Audit::committed(const Transaction& transaction) noexcept {
    if (auto wrong = rules_.judge(transaction)) {
        found(*std::move(wrong));
    }
    for (const auto& event : transaction.events) {
        note(event);
    }
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        const std::string_view prefix = key.table == "orders" ? "order#" : "reservation#";
        if (const auto id = after(partition_of(key), prefix); !id.empty()) {
            touched_.emplace(id);
        }
        if (const auto cart = after(partition_of(key), "cart#");
            key.table == "carts" && !cart.empty()) {
            carts_.emplace(cart);
        }
        if (const auto* put = std::get_if<Put>(&write)) {
            note(*put);
        }
    }
}

void Audit::note(const Event& event) {
    fresh_.push_back(event);
    events_.push_back(event);
    static const std::set<std::string_view> once{
        "souk.order.placed.v1",   "souk.order.confirmed.v1", "souk.order.cancelled.v1",
        "souk.stock.reserved.v1", "souk.stock.rejected.v1",  "souk.stock.released.v1"};
    if (++announced_[cat(event.type, event.subject)] > 1 && once.contains(event.type)) {
        found(cat(event.type, " of ", event.subject, " was announced twice"));
    }
    if (event.type == "souk.order.placed.v1") {
        orders_.push_back(OrderId::trusted(event.subject));
    } else if (event.type == "souk.order.confirmed.v1") {
        ++confirmations_;
    } else if (event.type == "souk.order.cancelled.v1") {
        ++cancellations_;
    }
    if (const auto mail = notifications::mail_of(event)) {
        letters_.emplace(mail->text(), event);
    }
}

void Audit::note(const Put& put) {
    const RowKey& key = put.row.key;
    if (key.table != "products" || !key.sort.starts_with("adjustment#")) {
        return;
    }
    const auto document = JsonDocument::parse(put.row.body);
    adjusted_[std::string(after(partition_of(key), "stock#"))] +=
        document ? document->root()["delta"].integer_or(0) : 0;
}

bool Audit::was_announced(std::string_view type, const OrderId& order) const {
    return announced_.contains(cat(type, order.text()));
}

Audit::Reservation Audit::reservation(const OrderId& id) const {
    const products::ReservationRepository repository(product_rows_.store(world_.shop));
    Reservation stock{*repository.head(id.text()), {}};
    if (stock.head) {
        auto chunks = repository.chunks(id.text(), stock.head->chunks);
        stock.chunks = chunks ? *std::move(chunks) : std::vector<products::ReservationChunk>{};
    }
    return stock;
}

std::optional<orders::Order> Audit::find(const OrderId& id) {
    auto order = orders::OrderRepository(order_rows_.store(world_.shop)).find(id);
    if (!order || !*order) {
        found(cat("The order ", id.text(), " is lost"));
        return std::nullopt;
    }
    return **std::move(order);
}

void Audit::hear(const ProviderCall& call) {
    const std::string name = cat("The order ", call.order.text());
    const auto known = find(call.order);
    if (!known) {
        return;
    }
    const orders::Order& order = *known;
    if (call.verb == "refund") {
        check_refund_call(call, order);
        return;
    }
    const auto [key, first] = keys_.try_emplace(cat(call.order.text(), call.verb), call.key);
    if (!first && key->second != call.key) {
        found(cat(name, ": ", call.verb, " was asked under two keys"));
    }
    if (call.verb == "authorise") {
        if (!was_announced("souk.stock.reserved.v1", call.order)) {
            found(cat(name, " is charged before its goods are reserved"));
        }
        if (call.amount != order.totals.total.amount) {
            found(cat(name, " costs ", order.totals.total.amount, " and ", call.amount,
                      " were asked for"));
        }
        const bool awaited = order.status == orders::Status::awaiting_payment ||
                             order.status == orders::Status::confirmed ||
                             order.status == orders::Status::completed;
        if (!awaited && order.status != orders::Status::cancelled) {
            found(cat(name, " is charged while ", orders::name_of(order.status)));
        }
    } else if (call.verb == "capture" && !was_announced("souk.order.confirmed.v1", call.order)) {
        found(cat(name, " was never confirmed and its money is taken"));
    } else if (call.verb == "cancel" && order.status != orders::Status::cancelled) {
        found(cat(name, " is ", orders::name_of(order.status), " and its payment is voided"));
    }
}

void Audit::check_refund_call(const ProviderCall& call, const orders::Order& order) {
    if (call.key == cat(call.order.text(), ":cancelled")) {
        if (order.status != orders::Status::cancelled) {
            found(cat("The order ", call.order.text(), " is refunded as if it were cancelled"));
        }
        return;
    }
    const auto asked = std::ranges::find_if(
        order.refunds, [&](const auto& refund) { return refund.id.text() == call.key; });
    if (asked == order.refunds.end()) {
        found(cat("The order ", call.order.text(), " is refunded under the key ", call.key,
                  ", which is no refund of it"));
    } else if (asked->amount.amount != call.amount) {
        found(cat("The refund ", call.key, " is ", asked->amount.amount, " and ", call.amount,
                  " were asked for"));
    }
}

void Audit::hear(const Mail& mail) {
    const auto letter = letters_.find(mail.id);
    if (letter == letters_.end()) {
        found(cat("A mail of nothing that happened: ", mail.subject));
        return;
    }
    const bool is_orders = letter->second.type.starts_with("souk.order.");
    const auto order = is_orders ? find(OrderId::trusted(letter->second.subject)) : std::nullopt;
    if (order && order->email != mail.to) {
        found(cat("A mail about ", letter->second.subject, " goes to ", mail.to));
    }
    if (++mails_[mail.id] > rules_.claims_of(mail.id)) {
        found(cat("The mail ", mail.id, " is sent more often than it was claimed"));
    }
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
    const auto known = find(id);
    if (!known) {
        return;
    }
    const orders::Order& order = *known;
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
    count(taken_[id.text()], -1);
    count(taken, 1);
    taken_[id.text()] = std::move(taken);
}

void Audit::count(const Taken& taken, std::int64_t times) {
    for (const auto& [variant, pieces] : taken.held) {
        held_[variant] += times * pieces;
    }
    for (const auto& [variant, pieces] : taken.sold) {
        sold_[variant] += times * pieces;
    }
}

void Audit::check_stock(const Good& good) {
    const auto key = products::stock_key(good.variant);
    const auto row = *product_rows_.store(world_.shop).find(key.partition, key.sort);
    const products::Stock stock = row ? products::stock_from(row->counters) : products::Stock{};
    const auto of = [&](const Pieces& pieces) {
        const auto found = pieces.find(good.variant.text());
        return found == pieces.end() ? 0 : found->second;
    };
    const std::int64_t all = good.opening_stock + of(adjusted_);
    const bool negative = stock.available < 0 || stock.reserved < 0 || stock.on_hand < 0;
    if (negative || stock.on_hand != stock.available + stock.reserved ||
        stock.reserved != of(held_) || stock.available + stock.reserved + of(sold_) != all) {
        found(cat(good.sku, ": available ", stock.available, ", reserved ", stock.reserved,
                  " (orders hold ", of(held_), "), on hand ", stock.on_hand, ", sold ", of(sold_),
                  ", opening stock and adjustments ", all));
    }
}

}  // namespace souk::testing
