#include "domain/notifications/webhooks.h"

namespace souk::notifications {

namespace {

Webhook patched(Webhook webhook, const WebhookPatch& patch, Instant now) {
    webhook.url = patch.url.value_or(webhook.url);
    webhook.events = patch.events.value_or(webhook.events);
    webhook.description = patch.description.value_or(webhook.description);
    webhook.status = patch.status.value_or(webhook.status);
    // A new address or a fresh start has not failed yet.
    if (patch.url || patch.status == WebhookStatus::enabled) {
        webhook.failing_since.reset();
        webhook.slow = false;
    }
    if (patch.status == WebhookStatus::enabled) {
        webhook.disabled_reason.clear();
    }
    if (patch.status == WebhookStatus::disabled && webhook.disabled_reason.empty()) {
        webhook.disabled_reason = "It was disabled by the store's staff.";
    }
    webhook.updated_at = now;
    ++webhook.version;
    return webhook;
}

/// Whether a person would see the same endpoint, but for when it was changed.
bool same(const Webhook& before, const Webhook& after) {
    return after.url == before.url && after.events == before.events &&
           after.description == before.description && after.status == before.status &&
           after.failing_since == before.failing_since && after.slow == before.slow;
}

}  // namespace

Result<Change<Webhook>> Webhooks::change(const Caller& caller, const WebhookId& id,
                                         const WebhookPatch& patch) const {
    if (patch.url) {
        TRY(check_url(*patch.url));
    }
    const WebhookRepository webhooks = repository(caller.in_store());
    const Webhook before = TRY(webhooks.webhook(id));
    TRY(check_version(caller, before.version));
    Webhook after = patched(before, patch, environment().now());
    Changes changes;
    if (same(before, after)) {
        return Change<Webhook>{before, std::move(changes)};
    }
    webhooks.replace(changes, after);
    return Change<Webhook>{std::move(after), std::move(changes)};
}

}  // namespace souk::notifications
