#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// The event types of docs/api/events.yaml that webhooks may receive: all that are not internal (a
/// test compares).
namespace souk::notifications {

namespace type {
inline constexpr std::string_view user_signed_up = "souk.user.signed_up.v1";
inline constexpr std::string_view password_reset_requested =
    "souk.user.password_reset_requested.v1";
inline constexpr std::string_view order_confirmed = "souk.order.confirmed.v1";
inline constexpr std::string_view order_cancelled = "souk.order.cancelled.v1";
inline constexpr std::string_view order_fulfilled = "souk.order.fulfilled.v1";
inline constexpr std::string_view order_refunded = "souk.order.refunded.v1";
inline constexpr std::string_view notification_failed = "souk.notification.failed.v1";
/// Sent to one endpoint on request; never announced.
inline constexpr std::string_view webhook_test = "souk.webhook.test.v1";
}  // namespace type

inline constexpr std::array<std::string_view, 17> public_event_types{
    "souk.store.created.v1",   "souk.store.suspended.v1", "souk.product.published.v1",
    "souk.product.changed.v1", "souk.stock.reserved.v1",  "souk.stock.rejected.v1",
    "souk.stock.released.v1",  "souk.stock.low.v1",       "souk.cart.abandoned.v1",
    type::user_signed_up,      "souk.user.confirmed.v1",  "souk.order.placed.v1",
    type::order_confirmed,     type::order_cancelled,     type::order_fulfilled,
    type::order_refunded,      type::notification_failed,
};

/// How a public type may be called for short: "order.confirmed" is "souk.order.confirmed.v1".
[[nodiscard]] constexpr std::string_view short_name(std::string_view type) {
    type.remove_prefix(std::string_view("souk.").size());
    type.remove_suffix(std::string_view(".v1").size());
    return type;
}
/// The public type of that short name; `name` itself if there is none.
[[nodiscard]] constexpr std::string_view full_type(std::string_view name) {
    const auto* found = std::ranges::find(public_event_types, name, short_name);
    return found == public_event_types.end() ? name : *found;
}

/// In an endpoint's `events`: all of them, also those yet to come.
inline constexpr std::string_view every_type = "*";

}  // namespace souk::notifications
