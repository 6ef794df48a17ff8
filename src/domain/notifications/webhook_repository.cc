#include "domain/notifications/webhook_repository.h"

#include "domain/notifications/limits.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

Result<Webhook> WebhookRepository::webhook(const WebhookId& id) const {
    auto found = TRY(find(id));
    if (!found) {
        return fail(errors::not_found, "There is no such webhook.");
    }
    return *std::move(found);
}

Result<std::optional<Webhook>> WebhookRepository::find(const WebhookId& id) const {
    const auto row = TRY(ledger_.find(row_keys::webhooks, id.text()));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_webhook(*row));
}

Result<std::vector<Webhook>> WebhookRepository::all() const {
    const auto page = TRY(ledger_.query(
        {.partition = std::string(row_keys::webhooks), .limit = webhooks_per_store_max}));
    std::vector<Webhook> webhooks;
    for (const auto& row : page.rows) {
        webhooks.push_back(TRY(decode_webhook(row)));
    }
    return webhooks;
}

void WebhookRepository::add(Changes& changes, const Webhook& webhook) const {
    ledger_.put(changes, encode_webhook(webhook), Expect::absent());
    // Ledgers know floors, not ceilings: so the count falls.
    ledger_.add(changes, row_keys::webhook_count, row_keys::all,
                {{std::string(row_keys::count), -1, -webhooks_per_store_max}}, Expect::any());
}

void WebhookRepository::replace(Changes& changes, const Webhook& webhook) const {
    ledger_.put(changes, encode_webhook(webhook), Expect::at(webhook.row_version));
}

void WebhookRepository::remove(Changes& changes, const Webhook& webhook) const {
    ledger_.erase(changes, row_keys::webhooks, webhook.id.text(), Expect::at(webhook.row_version));
    ledger_.add(changes, row_keys::webhook_count, row_keys::all,
                {{std::string(row_keys::count), 1, std::nullopt}}, Expect::any());
}

Result<Delivery> WebhookRepository::delivery(const WebhookId& webhook, const DeliveryId& id) const {
    auto found = TRY(find(webhook, id));
    if (!found) {
        return fail(errors::not_found, "There is no such delivery.");
    }
    return *std::move(found);
}

Result<std::optional<Delivery>> WebhookRepository::find(const WebhookId& webhook,
                                                        const DeliveryId& id) const {
    const auto row = TRY(ledger_.find(row_keys::deliveries(webhook), id.text()));
    if (!row) {
        return std::nullopt;
    }
    return TRY(decode_delivery(*row));
}

Result<DeliveryPage> WebhookRepository::deliveries(const WebhookId& webhook, int limit,
                                                   std::string_view cursor) const {
    auto page = TRY(ledger_.query({.partition = row_keys::deliveries(webhook),
                                   .direction = Direction::backward,
                                   .limit = limit,
                                   .cursor = std::string(cursor)}));
    DeliveryPage deliveries{{}, std::move(page.cursor)};
    for (const auto& row : page.rows) {
        deliveries.deliveries.push_back(TRY(decode_delivery(row)));
    }
    return deliveries;
}

void WebhookRepository::add(Changes& changes, const Delivery& delivery) const {
    ledger_.put(changes, encode_delivery(delivery), Expect::absent());
}

void WebhookRepository::replace(Changes& changes, const Delivery& delivery) const {
    ledger_.put(changes, encode_delivery(delivery), Expect::at(delivery.version));
}

void WebhookRepository::remove(Changes& changes, const Delivery& delivery) const {
    ledger_.erase(changes, row_keys::deliveries(delivery.webhook), delivery.id.text(),
                  Expect::at(delivery.version));
}

Result<std::optional<std::string>> WebhookRepository::event_text(std::string_view event_id) const {
    auto row = TRY(ledger_.find(row_keys::delivered_event(event_id), row_keys::event));
    return row ? std::optional(std::move(row->body)) : std::nullopt;
}

void WebhookRepository::keep_event(Changes& changes, std::string_view event_id, std::string text,
                                   Instant now) const {
    ledger_.put(changes,
                {.partition = row_keys::delivered_event(event_id),
                 .sort = std::string(row_keys::event),
                 .body = std::move(text),
                 .expires = now + delivery_events_kept},
                Expect::any());
}

}  // namespace souk::notifications
