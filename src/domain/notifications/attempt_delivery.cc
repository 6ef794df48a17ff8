#include <cstring>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/signature.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

namespace {

std::uint32_t roll(const Crypto& crypto) {
    const std::string bytes = crypto.random(sizeof(std::uint32_t));
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

Event failure_event(const ServiceLedger& ledger, const StoreId& store, const Delivery& delivery,
                    std::string_view reason) {
    JsonWriter body;
    body.begin_object()
        .member("kind", "webhook")
        .member("id", delivery.id.text())
        .member("reason", reason)
        .end_object();
    return ledger.event(store, type::notification_failed, delivery.id.text(), body.take(), "");
}

}  // namespace

Result<std::optional<Delivery>> Webhooks::claim(const WebhookRepository& repository,
                                                const WebhookId& webhook, const DeliveryId& id,
                                                Instant now) const {
    using Claim = Change<std::optional<Delivery>>;
    return perform(ledger_, [&]() -> Result<Claim> {
        Claim claim;
        const auto delivery = TRY(repository.find(webhook, id));
        const bool due = delivery && delivery->status == DeliveryStatus::pending && delivery->due &&
                         *delivery->due <= now;
        if (!due) {
            return claim;  // Another sweep has it, or it was settled: the index lags behind.
        }
        claim.changes.relax();  // Lost with the machine, it would only be attempted again.
        const auto endpoint = TRY(repository.find(webhook));
        if (!endpoint) {
            repository.remove(claim.changes, *delivery);
        } else if (endpoint->status == WebhookStatus::disabled) {
            repository.replace(claim.changes, given_up(*delivery, "The webhook is disabled."));
        } else if (delivery->tries >= attempts_max) {
            // The process died during the last attempt.
            constexpr std::string_view reason = "The last attempt was interrupted.";
            repository.replace(claim.changes, given_up(*delivery, reason));
            if (delivery->event_type != type::notification_failed) {
                claim.changes.announce(
                    failure_event(ledger_, repository.ledger().store(), *delivery, reason));
            }
        } else {
            claim.value = claimed(*delivery, environment().now());
            repository.replace(claim.changes, *claim.value);
            claim.value->version = delivery->version + 1;
        }
        return claim;
    });
}

Result<void> Webhooks::defer(const WebhookRepository& repository, const Delivery& later) const {
    Changes changes;
    changes.relax();
    repository.replace(changes, later);
    const auto committed = ledger_.commit(changes);
    if (!committed && committed.error().code == errors::ledger_conflict) {
        return {};  // Somebody else has taken it.
    }
    return committed;
}

Result<void> Webhooks::attempt(const WebhookRepository& repository, const Delivery& claimed) const {
    const Environment env = environment();
    const auto webhook = TRY(repository.find(claimed.webhook));
    if (!webhook) {
        return {};  // Deleted meanwhile; the sweep erases the delivery when its lease has run out.
    }
    const auto body = TRY(repository.event_text(claimed.event_id));
    if (!body) {
        return settle(repository, claimed, {.reason = "The event is no longer kept."},
                      webhook->url);
    }
    const auto secrets = TRY(signing_secrets(*webhook, env.crypto, sealing_key(), env.now()));
    return settle(repository, claimed, send(*webhook, claimed, *body, secrets), webhook->url);
}

Attempt Webhooks::send(const Webhook& webhook, const Delivery& delivery, std::string_view body,
                       const std::vector<std::string>& secrets) const {
    const Environment env = environment();
    const Instant now = env.now();
    const auto answer =
        client_->send({.method = "POST",
                       .url = webhook.url,
                       .headers = {{"content-type", "application/json"},
                                   {"webhook-id", delivery.event_id},
                                   {"webhook-timestamp", cat(now.unix_seconds())},
                                   {"webhook-signature",
                                    signatures(env.crypto, secrets, delivery.event_id, now, body)}},
                       .body = std::string(body),
                       .timeout = attempt_timeout});
    Attempt attempt{.reason = {}, .took = env.now() - now};
    if (answer) {
        attempt.status = answer->status;
    } else {
        attempt.reason = answer.error().detail.empty() ? "The endpoint could not be reached."
                                                       : answer.error().detail;
    }
    env.telemetry.count("souk_webhook_attempts_total", 1,
                        {{"outcome", attempt.accepted() ? "accepted" : "failed"}});
    return attempt;
}

Result<void> Webhooks::settle(const WebhookRepository& repository, const Delivery& claimed,
                              const Attempt& attempt, std::string_view asked) const {
    const Environment env = environment();
    const std::uint32_t jitter = roll(env.crypto);
    TRY(perform(ledger_, [&]() -> Result<Change<Done>> {
        Change<Done> change;
        const auto current = TRY(repository.find(claimed.webhook, claimed.id));
        const auto webhook = TRY(repository.find(claimed.webhook));
        if (!current || !webhook || current->status != DeliveryStatus::pending) {
            return change;
        }
        // An attempt that outlived its lease may still tell of a success, but not schedule
        // anything: neither beside a later attempt nor on the fresh schedule of a redelivery.
        const bool is_latest =
            current->attempts == claimed.attempts && current->tries == claimed.tries;
        if (!is_latest && !attempt.accepted()) {
            return change;
        }
        Verdict verdict = judge(*current, *webhook, attempt, env.now(), jitter);
        if (webhook->url != asked) {
            // What the former address says is nothing against the new one, which is asked next.
            verdict.webhook.reset();
            if (!attempt.accepted()) {
                verdict = {postponed(*current, env.now()), std::nullopt, std::nullopt};
                verdict.delivery.tries -= 1;
            }
        }
        repository.replace(change.changes, verdict.delivery);
        if (verdict.webhook) {
            repository.replace(change.changes, *verdict.webhook);
        }
        if (verdict.failure) {
            change.changes.announce(failure_event(ledger_, repository.ledger().store(),
                                                  verdict.delivery, *verdict.failure));
        } else {
            change.changes.relax();  // Lost with the machine, it would only be attempted again.
        }
        return change;
    }));
    return {};
}

}  // namespace souk::notifications
