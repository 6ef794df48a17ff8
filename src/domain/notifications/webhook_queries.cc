#include "domain/notifications/webhooks.h"

namespace souk::notifications {

Result<Webhook> Webhooks::webhook(const Caller& caller, const WebhookId& id) const {
    return repository(caller.in_store()).webhook(id);
}

Result<std::vector<Webhook>> Webhooks::list(const Caller& caller) const {
    return repository(caller.in_store()).all();
}

Result<DeliveryPage> Webhooks::deliveries(const Caller& caller, const WebhookId& id, int limit,
                                          std::string_view cursor) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    TRY(webhooks.webhook(id));
    return webhooks.deliveries(id, limit, cursor);
}

}  // namespace souk::notifications
