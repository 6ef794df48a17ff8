#include "domain/notifications/limits.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

Result<Change<IssuedWebhook>> Webhooks::rotate_secret(const Caller& caller,
                                                      const WebhookId& id) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    const Webhook before = TRY(webhooks.webhook(id));
    TRY(check_version(caller, before.version));
    const Environment env = environment();
    const std::string secret = env.crypto.random(secret_bytes);
    Webhook after =
        TRY(rotated(before, sealed_secret(env.crypto, sealing_key(), secret), env.now()));
    Changes changes;
    webhooks.replace(changes, after);
    return Change<IssuedWebhook>{issued(std::move(after), secret), std::move(changes)};
}

}  // namespace souk::notifications
