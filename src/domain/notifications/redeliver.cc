#include "domain/base/json.h"
#include "domain/notifications/errors.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

namespace {

Result<void> check_enabled(const Webhook& webhook) {
    if (webhook.status == WebhookStatus::disabled) {
        return fail(errors::webhook_disabled, "The webhook is disabled; enable it first.");
    }
    return {};
}

/// What an attempt that is under way comes to is written when it ends: a restart would be lost.
Result<void> check_resting(const Delivery& delivery, Instant now) {
    if (delivery.leased_until && *delivery.leased_until > now) {
        return fail(errors::delivery_under_way,
                    "An attempt of this delivery is under way; see what comes of it first.");
    }
    return {};
}

}  // namespace

Result<Change<Delivery>> Webhooks::redeliver(const Caller& caller, const WebhookId& id,
                                             const DeliveryId& delivery) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    TRY(check_enabled(TRY(webhooks.webhook(id))));
    const Delivery before = TRY(webhooks.delivery(id, delivery));
    const Instant now = environment().now();
    TRY(check_resting(before, now));
    Delivery after = restarted(before, now);
    Changes changes;
    webhooks.replace(changes, after);
    return Change<Delivery>{std::move(after), std::move(changes)};
}

Result<Change<Delivery>> Webhooks::test(const Caller& caller, const WebhookId& id) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    const Webhook webhook = TRY(webhooks.webhook(id));
    TRY(check_enabled(webhook));
    const Instant now = environment().now();
    JsonWriter body;
    body.begin_object().member("webhook_id", id.text()).end_object();
    const Event event = ledger_.event(caller.in_store(), type::webhook_test, id.text(), body.take(),
                                      caller.traceparent);
    Delivery delivery =
        new_delivery(environment().fresh<DeliveryId>(), id, event.id, event.type, now);
    Changes changes;
    webhooks.keep_event(changes, event.id, render_cloud_event(event), now);
    webhooks.add(changes, delivery);
    return Change<Delivery>{std::move(delivery), std::move(changes)};
}

}  // namespace souk::notifications
