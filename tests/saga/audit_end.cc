#include <algorithm>

#include "domain/base/text.h"
#include "domain/carts/cart_repository.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/mail_record.h"
#include "domain/notifications/row_keys.h"
#include "domain/products/product_repository.h"
#include "domain/products/stock.h"
#include "saga/audit.h"

namespace souk::testing {

void Audit::check_end(const Post& post) {
    // Causes before effects, so that the first thing that is found tells most.
    check_acknowledged();
    check_inbox(post);
    for (const auto& id : orders_) {
        // A provider's word that comes now comes too late.
        world_.provider.decide(id, MemoryPayments::Decision::authorised);
        if (const auto order = find(id)) {
            check_settled(*order);
            check_timeline(*order);
        }
    }
    for (const auto& good : world_.goods) {
        const auto key = products::stock_key(good.variant);
        const auto row = *product_rows_.store(world_.shop).find(key.partition, key.sort);
        if (row && products::stock_from(row->counters).reserved != 0) {
            found(cat(good.sku, " is still reserved"));
        }
    }
    for (const auto& key : carts_) {
        const auto told = world_.acknowledged.pieces.find(key);
        check_cart(key, told == world_.acknowledged.pieces.end() ? 0 : told->second);
    }
    check_lists();
    check_mails();
    if (world_.webhook) {
        check_webhooks();
    }
}

void Audit::check_acknowledged() {
    const Acknowledged& told = world_.acknowledged;
    for (const auto& id : told.placed) {
        if (std::ranges::find(orders_, id) == orders_.end()) {
            found(cat("The order ", id.text(), " was acknowledged and is lost"));
        }
    }
    for (const auto& id : told.cancelled) {
        const auto order = find(id);
        if (!order || order->status != orders::Status::cancelled) {
            found(cat("The cancellation of ", id.text(), " was acknowledged and is lost"));
        }
    }
    const auto has = [](const auto& parts, const auto& id) {
        return std::ranges::any_of(parts, [&](const auto& part) { return part.id == id; });
    };
    for (const auto& [id, refund] : told.refunds) {
        const auto order = find(id);
        if (!order || !has(order->refunds, refund)) {
            found(cat("The refund ", refund.text(), " was acknowledged and is lost"));
        }
    }
    for (const auto& [id, fulfilment] : told.fulfilments) {
        const auto order = find(id);
        if (!order || !has(order->fulfilments, fulfilment)) {
            found(cat("The fulfilment ", fulfilment.text(), " was acknowledged and is lost"));
        }
    }
}

void Audit::check_settled(const orders::Order& order) {
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    switch (order.status) {
        case orders::Status::pending:
        case orders::Status::awaiting_payment:
            found(cat("The order ", order.id.text(), " is for ever ", name_of(order.status)));
            return;
        case orders::Status::cancelled: check_cancelled(order); return;
        case orders::Status::confirmed:
        case orders::Status::completed: break;
    }
    std::int64_t refunded = 0;
    for (const auto& refund : order.refunds) {
        refunded += refund.status == orders::RefundStatus::done ? refund.amount.amount : 0;
        if (refund.status == orders::RefundStatus::pending) {
            found(cat("A refund of the order ", order.id.text(), " is for ever pending"));
        }
    }
    if (refunded != standing.refunded) {
        found(cat("The order ", order.id.text(), " says that ", refunded,
                  " went back, its provider ", standing.refunded));
    }
    const auto stock = reservation(order.id);
    if (!stock.head || stock.head->state != products::ReservationState::sold) {
        found(cat("The goods of the order ", order.id.text(), " were not sold"));
    }
}

void Audit::check_cancelled(const orders::Order& order) {
    static const std::set<std::string_view> over{"none", "voided", "declined", "refunded"};
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    // Of nothing, nothing can be given back.
    const bool is_free = standing.amount == 0 && standing.status == "captured";
    if (!over.contains(standing.status) && !is_free) {
        found(
            cat("The order ", order.id.text(), " is cancelled and its payment ", standing.status));
    }
    if (!over.contains(name_of(order.payment.status))) {
        found(cat("The order ", order.id.text(), " is cancelled, its payment ", standing.status,
                  " and it says ", name_of(order.payment.status)));
    }
    for (const auto& chunk : reservation(order.id).chunks) {
        if (chunk.state != products::ChunkState::returned) {
            found(cat("The order ", order.id.text(), " is cancelled and keeps its goods"));
        }
    }
}

/// What happened once is told once.
void Audit::check_timeline(const orders::Order& order) {
    const orders::OrderRepository orders(order_rows_.store(world_.shop));
    const auto entries = *orders.timeline(order.id);
    std::map<std::string, std::size_t> told;
    for (const auto& entry : entries) {
        ++told[entry.type];
    }
    std::size_t done = 0;
    for (const auto& refund : order.refunds) {
        done += refund.status == orders::RefundStatus::done ? 1 : 0;
    }
    const bool confirmed = was_announced("souk.order.confirmed.v1", order.id);
    const bool cancelled = order.status == orders::Status::cancelled;
    const std::map<std::string, std::size_t> happened{{"placed", 1},
                                                      {"confirmed", confirmed ? 1 : 0},
                                                      {"cancelled", cancelled ? 1 : 0},
                                                      {"fulfilled", order.fulfilments.size()},
                                                      {"refund_requested", order.refunds.size()},
                                                      {"refunded", done}};
    for (const auto& [type, times] : happened) {
        if (told[type] != times) {
            found(cat("The timeline of ", order.id.text(), " tells ", told[type], " times of ",
                      type, ", which happened ", times, " times"));
        }
    }
    if (told["payment_released"] > 1) {
        found(cat("The payment of ", order.id.text(), " was released twice"));
    }
}

/// Every order is found in the list, under its status, by a number of its own.
void Audit::check_lists() {
    const orders::OrderRepository orders(order_rows_.store(world_.shop));
    const auto listed = [&](const orders::OrderFilter& filter) {
        std::set<std::string> ids;
        const auto page = *orders.list(filter, query_limit_max, "");
        for (const auto& order : page.orders) {
            ids.insert(order.id.text());
        }
        return ids;
    };
    const auto all = listed({});
    std::map<orders::Status, std::set<std::string>> by_status;
    for (const auto status :
         {orders::Status::confirmed, orders::Status::completed, orders::Status::cancelled}) {
        by_status[status] = listed({.status = status});
    }
    std::set<std::int64_t> numbers;
    for (const auto& id : orders_) {
        const auto known = find(id);
        if (!known) {
            continue;
        }
        const orders::Order& order = *known;
        if (order.customer && !listed({.customer = order.customer}).contains(id.text())) {
            found(cat("The order ", id.text(), " is not in its customer's list"));
        }
        if (!all.contains(id.text()) || !by_status[order.status].contains(id.text())) {
            found(cat("The order ", id.text(), " is not in the lists"));
        }
        if (!numbers.insert(order.number).second) {
            found(cat("Two orders have the number ", order.number));
        }
        const auto hold = *orders.hold_on(order.cart_key);
        if ((hold.order == id) != (order.status != orders::Status::cancelled)) {
            found(cat("The order ", id.text(), " is ", name_of(order.status),
                      " and its cart is held by '", hold.order ? hold.order->text() : "", "'"));
        }
    }
}

void Audit::check_cart(const std::string& key, std::int64_t pieces) {
    const carts::CartRepository carts(cart_rows_.store(world_.shop), world_.test.crypto);
    const auto cart = *carts.find(key);
    if (!cart) {
        found(cat("The cart ", key, " is lost"));
        return;
    }
    const auto& live = live_[key];
    if (cart->status == carts::Status::merged) {
        if (!cart->lines.empty()) {
            found(cat("The cart ", key, " was merged and kept lines"));
        }
        if (!live.empty()) {
            found(cat("The cart ", key, " went into another and into the order ", *live.begin()));
        }
        return;
    }
    if (cart->status != (live.empty() ? carts::Status::open : carts::Status::ordered)) {
        found(cat("The cart ", key, " is ", name_of(cart->status), " by '", cart->order.id,
                  "' and its live order is '", live.empty() ? std::string() : *live.begin(), "'"));
    }
    // A merge that was cut short has moved a part.
    pieces += rules_.moved_into(key);
    for (const auto& line : cart->lines) {
        pieces -= line.quantity;
    }
    if (pieces > 0) {
        found(cat("The cart ", key, " has lost ", pieces, " pieces"));
    }
}

void Audit::check_mails() {
    static const std::set<std::string_view> mailed{
        "souk.order.confirmed.v1", "souk.order.cancelled.v1", "souk.order.fulfilled.v1",
        "souk.order.refunded.v1"};
    std::set<std::string> sent;
    for (const auto& mail : world_.mailbox.mails()) {
        sent.insert(mail.id);
    }
    const StoreLedger rows = notification_rows_.store(world_.shop);
    const auto is_recorded = [&](const std::string& id) {
        const auto row = *rows.find(notifications::row_keys::mails, id);
        return row && notifications::decode_mail(*row)->status == notifications::MailStatus::sent;
    };
    const auto is_of_nothing = [](const Event& event) {  // A gift was called off.
        const auto body = JsonDocument::parse(event.body);
        return body->root()["refund"]["amount"]["amount"].integer_or(1) == 0;
    };
    for (const auto& [id, event] : letters_) {
        if (is_of_nothing(event)) {
            if (sent.contains(id)) {
                found(cat(event.type, " of ", event.subject, " was mailed, of no money"));
            }
        } else if (mailed.contains(event.type) && (!sent.contains(id) || !is_recorded(id))) {
            found(cat(event.type, " of ", event.subject, " was not mailed"));
        }
    }
}

/// Every message was reacted to. What mails and webhooks remember is asked of them instead.
void Audit::check_inbox(const Post& post) {
    const std::map<std::string_view, const ServiceLedger*> services{
        {"carts-orders", &cart_rows_},
        {"products-orders", &product_rows_},
        {"orders-stock", &order_rows_},
        {"orders-payments", &order_rows_}};
    for (const auto& [queue, event] : post.posted()) {
        const auto service = services.find(queue);
        if (service == services.end() || post.gave_up(queue, event)) {
            continue;
        }
        const StoreLedger rows = service->second->store(world_.shop);
        if (!*rows.find(cat("inbox#", queue, "#", event.id), "done")) {
            found(cat("Nobody in ", queue, " reacted to ", event.type, " of ", event.subject));
        }
    }
}

/// Every event reached the endpoint, and each delivery of it ended.
void Audit::check_webhooks() {
    std::map<std::string, int> deliveries;
    std::string cursor;
    do {
        const auto page = *world_.webhooks.deliveries(world_.staff(), *world_.webhook, 100, cursor);
        for (const auto& delivery : page.deliveries) {
            ++deliveries[delivery.event_id];
            if (delivery.status != notifications::DeliveryStatus::delivered) {
                found(cat("A webhook's delivery of ", delivery.event_type, " is ",
                          notifications::name_of(delivery.status)));
            }
        }
        cursor = page.cursor.value_or("");
    } while (!cursor.empty());
    std::set<std::string> heard;
    for (const auto& request : world_.endpoint.requests()) {
        heard.insert(webhook_id(request));
    }
    for (const auto& event : events_) {
        const bool is_public = std::ranges::find(notifications::public_event_types, event.type) !=
                               notifications::public_event_types.end();
        if (deliveries[event.id] != (is_public ? 1 : 0)) {
            found(cat(event.type, " of ", event.subject, " has ", deliveries[event.id],
                      " deliveries to the webhook"));
        }
        if (heard.contains(event.id) != is_public) {
            found(cat("The endpoint ", is_public ? "never heard" : "was told", " of ", event.type,
                      " of ", event.subject));
        }
    }
    for (const auto& [id, times] : deliveries) {
        if (std::ranges::find(events_, id, &Event::id) == events_.end()) {
            found(cat("The webhook was told of ", id, ", which never was"));
        }
    }
}

}  // namespace souk::testing
