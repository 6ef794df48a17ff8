#include "domain/base/text.h"
#include "domain/notifications/errors.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/signature.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

Result<void> Webhooks::check_url(std::string_view url) const {
    const bool secure = ascii_lower(url.substr(0, 8)) == "https://";
    if (!secure && plain_http_ == PlainHttp::refused) {
        return invalid_field("/url", "https_required", "A webhook's URL starts with https://.");
    }
    const auto checked = client_->check_url(url);
    if (!checked && checked.error().code == errors::target_refused) {
        return invalid_field(
            "/url", "target_refused",
            "Webhooks are not sent to this address: it is not a public http(s) URL.");
    }
    return checked;
}

IssuedWebhook Webhooks::issued(Webhook webhook, std::string_view secret) const {
    return {std::move(webhook), secret_text(secret)};
}

Result<Change<IssuedWebhook>> Webhooks::create(const Caller& caller,
                                               const NewWebhook& command) const {
    TRY(check_url(command.url));
    const WebhookRepository webhooks = repository(caller.in_store());
    if (TRY(webhooks.all()).size() >= webhooks_per_store_max) {
        return fail(errors::webhooks_limit_reached,
                    cat("A store has at most ", webhooks_per_store_max, " webhooks."));
    }
    const Environment env = environment();
    const std::string secret = env.crypto.random(secret_bytes);
    const Instant now = env.now();
    Webhook webhook{.id = env.fresh<WebhookId>(),
                    .url = command.url,
                    .events = command.events,
                    .description = command.description,
                    .disabled_reason = {},
                    .secrets = {sealed_secret(env.crypto, sealing_key(), secret)},
                    .failing_since = {},
                    .created_at = now,
                    .updated_at = now,
                    .version = 1};
    Changes changes;
    webhooks.add(changes, webhook);
    return Change<IssuedWebhook>{issued(std::move(webhook), secret), std::move(changes)};
}

}  // namespace souk::notifications
