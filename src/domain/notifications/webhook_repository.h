#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/notifications/delivery.h"
#include "domain/notifications/webhook.h"
#include "domain/ports/store_ledger.h"

namespace souk::notifications {

struct DeliveryPage {
    std::vector<Delivery> deliveries;
    std::optional<std::string> cursor;  // The ledger's own.
};

/// One store's endpoints and deliveries.
class WebhookRepository {
public:
    explicit WebhookRepository(StoreLedger ledger) : ledger_(std::move(ledger)) {}

    [[nodiscard]] const StoreLedger& ledger() const { return ledger_; }

    /// Errors: not_found.
    [[nodiscard]] Result<Webhook> webhook(const WebhookId& id) const;
    [[nodiscard]] Result<std::optional<Webhook>> find(const WebhookId& id) const;
    /// All of the store's, oldest first; never more than webhooks_per_store_max.
    [[nodiscard]] Result<std::vector<Webhook>> all() const;
    /// Loses the race against whoever adds one too many.
    void add(Changes& changes, const Webhook& webhook) const;
    /// Only over the version that was read.
    void replace(Changes& changes, const Webhook& webhook) const;
    void remove(Changes& changes, const Webhook& webhook) const;

    /// Errors: not_found.
    [[nodiscard]] Result<Delivery> delivery(const WebhookId& webhook, const DeliveryId& id) const;
    [[nodiscard]] Result<std::optional<Delivery>> find(const WebhookId& webhook,
                                                       const DeliveryId& id) const;
    /// Newest first.
    [[nodiscard]] Result<DeliveryPage> deliveries(const WebhookId& webhook, int limit,
                                                  std::string_view cursor) const;
    void add(Changes& changes, const Delivery& delivery) const;
    void replace(Changes& changes, const Delivery& delivery) const;
    void remove(Changes& changes, const Delivery& delivery) const;

    /// The CloudEvent that deliveries of this event carry, word for word; nothing once it has
    /// expired.
    [[nodiscard]] Result<std::optional<std::string>> event_text(std::string_view event_id) const;
    void keep_event(Changes& changes, std::string_view event_id, std::string text,
                    Instant now) const;

private:
    StoreLedger ledger_;
};

}  // namespace souk::notifications
