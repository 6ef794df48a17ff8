#include "domain/notifications/webhooks.h"

namespace souk::notifications {

Result<Change<Done>> Webhooks::remove(const Caller& caller, const WebhookId& id) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    const Webhook webhook = TRY(webhooks.webhook(id));
    TRY(check_version(caller, webhook.version));
    Changes changes;
    webhooks.remove(changes, webhook);
    return Change<Done>{{}, std::move(changes)};
}

}  // namespace souk::notifications
