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

}  // namespace

Result<Change<Delivery>> Webhooks::redeliver(const Caller& caller, const WebhookId& id,
                                             const DeliveryId& delivery) const {
    const WebhookRepository webhooks = repository(caller.in_store());
    TRY(check_enabled(TRY(webhooks.webhook(id))));
    const Delivery before = TRY(webhooks.delivery(id, delivery));
    Delivery after = restarted(before, environment().now());
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
