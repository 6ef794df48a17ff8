#pragma once

#include <string>
#include <string_view>

#include "domain/base/id.h"
#include "domain/base/text.h"

/// Where the service's rows live, each below its store (or the platform, for mails to staff):
///     mails            | ntf_…   a mail; ids follow the event's, in order of time; `due` is when
///                                to take its event from the dead letters
///     webhooks         | wh_…    an endpoint
///     webhook-count    | all     how many there are, as the counter `count` that falls from 0
///     deliveries#wh_…  | whd_…   a delivery to that endpoint; `due` is when to look at it again
///     delivered-event# | evt_…   the CloudEvent that an event's deliveries share
namespace souk::notifications::row_keys {

inline constexpr std::string_view mails = "mails";
inline constexpr std::string_view webhooks = "webhooks";
inline constexpr std::string_view webhook_count = "webhook-count";
inline constexpr std::string_view all = "all";
inline constexpr std::string_view count = "count";
inline constexpr std::string_view deliveries_prefix = "deliveries#";
inline constexpr std::string_view event = "event";

[[nodiscard]] inline std::string deliveries(const WebhookId& webhook) {
    return cat(deliveries_prefix, webhook.text());
}
[[nodiscard]] inline std::string delivered_event(std::string_view event_id) {
    return cat("delivered-event#", event_id);
}

}  // namespace souk::notifications::row_keys
