#include <algorithm>

#include "domain/base/text.h"
#include "domain/carts/cart_repository.h"
#include "domain/notifications/mail_record.h"
#include "domain/products/product_repository.h"
#include "domain/products/stock.h"
#include "saga/audit.h"

namespace souk::testing {

void Audit::check_end() {
    for (const auto& id : orders_) {
        // A provider's word that comes now comes too late.
        world_.provider.decide(id, MemoryPayments::Decision::authorised);
        const orders::Order order = read(id);
        check_settled(order);
    }
    for (const auto& id : world_.acknowledged) {
        if (std::ranges::find(orders_, id) == orders_.end()) {
            found(cat("The order ", id.text(), " was acknowledged and is lost"));
        }
    }
    for (const auto& good : world_.goods) {
        const auto key = products::stock_key(good.variant);
        const auto row = *product_rows_.store(world_.shop).find(key.partition, key.sort);
        if (products::stock_from(row->counters).reserved != 0) {
            found(cat(good.sku, " is still reserved"));
        }
    }
    for (const auto& [key, orders] : live_) {
        check_cart(key);
    }
    check_mails();
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
    if (reservation(order.id).head->state != products::ReservationState::sold) {
        found(cat("The goods of the order ", order.id.text(), " were not sold"));
    }
}

void Audit::check_cancelled(const orders::Order& order) {
    static const std::set<std::string_view> over{"none", "voided", "declined", "refunded"};
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    if (!over.contains(standing.status)) {
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

void Audit::check_cart(const std::string& key) {
    const carts::CartRepository carts(cart_rows_.store(world_.shop), world_.test.crypto);
    const auto cart = *carts.find_head(key);
    const bool taken = !live_[key].empty();
    if (cart->status != (taken ? carts::Status::ordered : carts::Status::open)) {
        found(cat("The cart ", key, " is ", name_of(cart->status), " by '", cart->order_id,
                  "' and its live order is '", taken ? *live_[key].begin() : std::string(), "'"));
    }
}

void Audit::check_mails() {
    std::set<std::string> sent;
    for (const auto& mail : world_.mailer.mails()) {
        sent.insert(mail.id);
        if (!mail_ids_.contains(mail.id)) {
            found(cat("A mail of nothing that happened: ", mail.subject));
        }
    }
    for (const auto& event : confirmed_) {
        if (!sent.contains(notifications::mail_of(event)->text())) {
            found(cat("The order ", event.subject, " was confirmed and not mailed"));
        }
    }
}

}  // namespace souk::testing
