#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/notifications/webhook.h"
#include "domain/ports/store_ledger.h"

/// One event on its way to one endpoint, and the rules of when it is tried again. Pure.
namespace souk::notifications {

enum class DeliveryStatus { pending, delivered, failed };
[[nodiscard]] std::string_view name_of(DeliveryStatus status);

struct Delivery {
    DeliveryId id;
    WebhookId webhook;
    std::string event_id;
    std::string event_type;
    DeliveryStatus status = DeliveryStatus::pending;
    int attempts = 0;            // Ever.
    int tries = 0;               // On the present schedule, which a redelivery starts anew.
    std::optional<Instant> due;  // While pending: when to look at it again.
    std::optional<Instant> leased_until;  // An attempt is under way.
    int last_status = 0;                  // What the endpoint last answered; 0: nothing.
    std::string reason;                   // Why the last attempt failed, in words.
    Instant created_at;
    std::optional<Instant> last_attempt_at;
    std::optional<Instant> delivered_at;
    std::uint64_t version = 0;
};

[[nodiscard]] Delivery new_delivery(const DeliveryId& id, const WebhookId& webhook,
                                    std::string_view event_id, std::string_view event_type,
                                    Instant now);

/// What came of one attempt.
struct Attempt {
    int status = 0;      // 0: no answer.
    std::string reason;  // Why there is none.
    std::chrono::milliseconds took{0};

    [[nodiscard]] bool accepted() const { return status >= 200 && status < 300; }
};

/// The wait after the `tries`-th failed attempt.
/// Shape: tries 1..attempts_max-1; `roll` any number, the jitter comes from it.
[[nodiscard]] std::chrono::milliseconds retry_wait(int tries, std::uint32_t roll);

/// Taken for one attempt: counted, and nobody else's for delivery_lease. Requires that it is
/// pending.
[[nodiscard]] Delivery claimed(Delivery delivery, Instant now);
/// To be looked at again at `due`.
[[nodiscard]] Delivery postponed(Delivery delivery, Instant due);
/// A claimed one given back without an attempt: as if it had not been claimed.
[[nodiscard]] Delivery unclaimed(Delivery delivery, Instant due);
/// Pending again on a fresh schedule; unchanged while an attempt is under way.
[[nodiscard]] Delivery restarted(Delivery delivery, Instant now);
/// Never to be tried again by itself.
[[nodiscard]] Delivery given_up(Delivery delivery, std::string_view reason);

/// What an attempt makes of its delivery and endpoint.
struct Verdict {
    Delivery delivery;
    std::optional<Webhook> webhook;      // Set when it changed.
    std::optional<std::string> failure;  // To be announced, in words.
};
/// Requires that a failed attempt is the delivery's latest; of success any may tell.
[[nodiscard]] Verdict judge(const Delivery& delivery, const Webhook& webhook,
                            const Attempt& attempt, Instant now, std::uint32_t roll);

[[nodiscard]] std::string render_delivery(const Delivery& delivery);
[[nodiscard]] StoreRow encode_delivery(const Delivery& delivery);
/// Errors: corrupt_row.
[[nodiscard]] Result<Delivery> decode_delivery(const StoreRow& row);

}  // namespace souk::notifications
