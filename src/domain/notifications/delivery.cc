#include "domain/notifications/delivery.h"

#include "domain/base/text.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"

namespace souk::notifications {

namespace {

constexpr int gone = 410;
constexpr std::int64_t hundred_percent = 100;

std::string words_of(const Attempt& attempt) {
    if (attempt.status == 0) {
        return attempt.reason;
    }
    const bool redirect = attempt.status >= 300 && attempt.status < 400;
    return cat("The endpoint answered ", attempt.status,
               redirect ? "; redirects are not followed." : ".");
}

/// The endpoint after an attempt, if anything about it is new.
std::optional<Webhook> health_after(const Webhook& webhook, const Attempt& attempt, Instant now) {
    Webhook after = webhook;
    after.slow = attempt.took > slow_after;
    if (attempt.accepted()) {
        after.failing_since.reset();
    } else if (!after.failing_since) {
        after.failing_since = now;
    }
    const bool same = after.slow == webhook.slow && after.failing_since == webhook.failing_since;
    return same ? std::nullopt : std::optional(std::move(after));
}

std::string_view disabling_reason(const Webhook& webhook, const Attempt& attempt, Instant now) {
    if (attempt.status == gone) {
        return "The endpoint answered 410 (gone) and was disabled.";
    }
    const bool failing = !attempt.accepted() && webhook.failing_since;
    if (failing && now - *webhook.failing_since >= failing_max) {
        return "The endpoint has only failed for five days and was disabled.";
    }
    return {};
}

}  // namespace

Delivery new_delivery(const DeliveryId& id, const WebhookId& webhook, std::string_view event_id,
                      std::string_view event_type, Instant now) {
    return {.id = id,
            .webhook = webhook,
            .event_id = std::string(event_id),
            .event_type = std::string(event_type),
            .due = now,
            .leased_until = {},
            .reason = {},
            .created_at = now,
            .last_attempt_at = {},
            .delivered_at = {}};
}

std::chrono::milliseconds retry_wait(int tries, std::uint32_t roll) {
    CHECK(tries >= 1 && tries < attempts_max);
    const std::chrono::milliseconds wait = retry_waits[static_cast<std::size_t>(tries - 1)];
    const std::int64_t range = 2 * wait.count() * retry_jitter_percent / hundred_percent;
    return wait - std::chrono::milliseconds(range / 2) +
           std::chrono::milliseconds(static_cast<std::int64_t>(roll) % (range + 1));
}

Delivery claimed(Delivery delivery, Instant now) {
    CHECK(delivery.status == DeliveryStatus::pending);
    delivery.attempts += 1;
    delivery.tries += 1;
    delivery.leased_until = now + delivery_lease;
    delivery.due = delivery.leased_until;
    delivery.last_attempt_at = now;
    return delivery;
}

Delivery postponed(Delivery delivery, Instant due) {
    delivery.leased_until.reset();
    delivery.due = due;
    return delivery;
}

Delivery unclaimed(Delivery delivery, Instant due) {
    delivery.attempts -= 1;
    delivery.tries -= 1;
    delivery.last_attempt_at.reset();
    return postponed(std::move(delivery), due);
}

Delivery restarted(Delivery delivery, Instant now) {
    if (delivery.leased_until && *delivery.leased_until > now) {
        return delivery;
    }
    delivery.status = DeliveryStatus::pending;
    delivery.tries = 0;
    delivery.delivered_at.reset();
    return postponed(std::move(delivery), now);
}

Delivery given_up(Delivery delivery, std::string_view reason) {
    delivery.status = DeliveryStatus::failed;
    delivery.reason = reason;
    delivery.leased_until.reset();
    delivery.due.reset();
    return delivery;
}

Verdict judge(const Delivery& delivery, const Webhook& webhook, const Attempt& attempt, Instant now,
              std::uint32_t roll) {
    Verdict verdict{delivery, health_after(webhook, attempt, now), std::nullopt};
    Delivery& after = verdict.delivery;
    after.leased_until.reset();
    after.due.reset();
    after.last_status = attempt.status;
    if (attempt.accepted()) {
        after.status = DeliveryStatus::delivered;
        after.delivered_at = now;
        after.reason.clear();
        return verdict;
    }
    after.reason = words_of(attempt);
    if (const auto why = disabling_reason(webhook, attempt, now); !why.empty()) {
        after.status = DeliveryStatus::failed;
        verdict.webhook = verdict.webhook.value_or(webhook);
        verdict.webhook->status = WebhookStatus::disabled;
        verdict.webhook->disabled_reason = why;
        verdict.webhook->updated_at = now;
        ++verdict.webhook->version;
        verdict.failure = why;
    } else if (after.tries >= attempts_max) {
        after.status = DeliveryStatus::failed;
        // Or one dead endpoint would have news of itself for ever.
        if (after.event_type != type::notification_failed) {
            verdict.failure = after.reason;
        }
    } else {
        after.due = now + retry_wait(after.tries, roll);
    }
    return verdict;
}

}  // namespace souk::notifications
