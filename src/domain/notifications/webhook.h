#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/ports/crypto.h"
#include "domain/ports/store_ledger.h"

/// A store's webhook endpoint: where events go, which, and what signs them.
namespace souk::notifications {

enum class WebhookStatus { enabled, disabled };
[[nodiscard]] std::string_view name_of(WebhookStatus status);
[[nodiscard]] std::optional<WebhookStatus> webhook_status_named(std::string_view name);

/// One signing secret, kept sealed. Without `until` it is the present one.
struct SigningSecret {
    std::string sealed;  // base64(seal(key_for("webhooks"), bytes))
    std::optional<Instant> until;
};

struct Webhook {
    WebhookId id;
    std::string url;
    std::vector<std::string> events;  // Event types, or "*".
    std::string description;
    WebhookStatus status = WebhookStatus::enabled;
    std::string disabled_reason;           // Empty while enabled.
    std::vector<SigningSecret> secrets;    // The present one first.
    std::optional<Instant> failing_since;  // The first failure since the last success.
    bool slow = false;                     // The last attempt took longer than slow_after.
    Instant created_at;
    Instant updated_at;
    std::uint64_t version = 0;      // Rises when a person, or its end, changes the endpoint.
    std::uint64_t row_version = 0;  // Rises with what deliveries note of its health, too.

    [[nodiscard]] bool wants(std::string_view event_type) const;
    /// Attempted at once; the others wait for a sweep, so that they hold up nobody.
    [[nodiscard]] bool prompt() const { return !failing_since && !slow; }
};

/// An endpoint together with its secret in clear, shown once.
struct IssuedWebhook {
    Webhook webhook;
    std::string secret;  // "whsec_…"
};

/// A fresh secret and how it is kept. Shape: `key` is key_for("webhooks").
[[nodiscard]] SigningSecret sealed_secret(const Crypto& crypto, std::string_view key,
                                          std::string_view secret);
/// The bytes of every secret that signs at `now`, the present one first. Errors: corrupt_row.
[[nodiscard]] Result<std::vector<std::string>> signing_secrets(const Webhook& webhook,
                                                               const Crypto& crypto,
                                                               std::string_view key, Instant now);
/// `webhook` with `fresh` as its present secret; the one before signs on for secret_overlap.
/// Errors: secrets_limit_reached.
[[nodiscard]] Result<Webhook> rotated(Webhook webhook, SigningSecret fresh, Instant now);

/// Without secrets.
[[nodiscard]] std::string render_webhook(const Webhook& webhook);
[[nodiscard]] std::string render_issued(const IssuedWebhook& issued);

[[nodiscard]] StoreRow encode_webhook(const Webhook& webhook);
/// Errors: corrupt_row.
[[nodiscard]] Result<Webhook> decode_webhook(const StoreRow& row);

}  // namespace souk::notifications
