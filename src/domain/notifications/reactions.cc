#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/notifications.h"

namespace souk::notifications {

std::vector<Subscription> subscriptions() {
    const std::vector<std::string_view> mailed{
        type::user_signed_up,  type::password_reset_requested, type::order_confirmed,
        type::order_cancelled, type::order_fulfilled,          type::order_refunded,
    };
    return {
        {.queue = std::string(mails_queue),
         .types = {mailed.begin(), mailed.end()},
         .hidden = mails_hidden},
        {.queue = std::string(webhooks_queue),
         .types = {public_event_types.begin(), public_event_types.end()}},
    };
}

std::vector<Reaction> reactions(Notifications& notifications) {
    const auto queues = subscriptions();
    return {
        {.queue = queues[0].queue,
         .types = queues[0].types,
         .react =
             [&notifications](const Event& event) {
                 return notifications.mails().send(event, mails_queue);
             },
         .at_once = 1},
        {.queue = queues[1].queue,
         .types = queues[1].types,
         .react =
             [&notifications](const Event& event) {
                 return notifications.webhooks().fan_out(event, webhooks_queue);
             },
         .at_once = 1},  // Behind one that waits for an endpoint no other store's event waits.
    };
}

}  // namespace souk::notifications
