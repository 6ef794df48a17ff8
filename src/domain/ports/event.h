#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/instant.h"

namespace souk {

/// Something that happened, as the other services and the webhooks see it.
/// Shape: CloudEvents 1.0; docs/api/events.yaml lists the types.
struct Event {
    std::string id;       // evt_… ; also what reactions remember to act once.
    std::string source;   // "/stores/{store}/{service}" or "/platform/{service}"
    std::string type;     // "souk.order.placed.v1"
    std::string subject;  // the id of what it happened to
    Instant time;
    std::string body;         // JSON text: the `data` member
    std::string traceparent;  // W3C; may be empty

    /// The store in `source`, or empty for platform events.
    [[nodiscard]] std::string_view store() const;
};

/// The CloudEvent as JSON (structured content mode).
[[nodiscard]] std::string render_cloud_event(const Event& event);
/// Errors: malformed_json, corrupt_row.
[[nodiscard]] Result<Event> parse_cloud_event(std::string_view json);

/// How long a received message stays hidden from others before it is delivered again.
inline constexpr std::chrono::seconds visibility{60};

/// Which event types a consumer's queue receives.
struct Subscription {
    std::string queue;  // "products-orders"
    std::vector<std::string> types;
    /// For consumers that take longer over a message.
    std::chrono::seconds hidden = visibility;
};

}  // namespace souk
