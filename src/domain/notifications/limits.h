#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every limit of the notifications service.
namespace souk::notifications {

// Mails.
/// How long a mail's record can be listed.
inline constexpr std::chrono::hours mails_kept{24 * 90};
/// How much longer than its mailer may take (Mailer::longest) a started mail is taken to be under
/// way, before another delivery of its event may send it.
inline constexpr std::chrono::seconds mail_lease_margin{15};
/// The bus delivers again what was not answered for so long: later than any lease ends, or the
/// redeliveries would send a slow server's mail again, or use up their tries on its lease.
inline constexpr std::chrono::minutes mails_hidden{8};
/// A mail server that is away for longer than the tries of a bus is asked again so often, for so
/// long after the event; then the mail is the operator's.
inline constexpr std::chrono::minutes mail_revival{10};
inline constexpr std::chrono::hours mail_revivals_end{24};
/// Dead letters that one sweep looks through for such mails; the next looks at those behind them,
/// unless all of these stay for an operator.
inline constexpr std::size_t revived_max = 1'000;
/// Nor does it begin more calls for them, once it has found some, after so long: others' deliveries
/// wait behind it.
inline constexpr std::chrono::milliseconds revival_share_max{5'000};
/// An order mail names so many lines and counts the rest.
inline constexpr std::size_t mail_lines_max = 100;

// Webhook endpoints. Units: count; code points; bytes.
inline constexpr int webhooks_per_store_max = 20;
inline constexpr std::int64_t webhook_url_max = 2000;
inline constexpr std::int64_t webhook_description_max = 500;
/// Source: Standard Webhooks, 24 to 64 bytes.
inline constexpr std::size_t secret_bytes = 32;
/// How long a secret signs after it was replaced, and how many sign at once.
inline constexpr std::chrono::hours secret_overlap{24};
inline constexpr std::size_t secrets_signing_max = 5;

// Deliveries.
/// Waits after the first, second, … failed attempt.
/// Source: Standard Webhooks, "Deliverability and reliability".
inline constexpr std::array<std::chrono::seconds, 7> retry_waits{
    std::chrono::seconds{5}, std::chrono::minutes{5}, std::chrono::minutes{30},
    std::chrono::hours{2},   std::chrono::hours{5},   std::chrono::hours{10},
    std::chrono::hours{14}};
inline constexpr int attempts_max = static_cast<int>(retry_waits.size()) + 1;
/// Each wait is made longer or shorter by up to so much. Units: percent.
inline constexpr std::int64_t retry_jitter_percent = 15;
inline constexpr std::chrono::milliseconds attempt_timeout{15'000};
/// A claimed delivery is nobody else's for so long: well over attempt_timeout, and what a crash in
/// the middle of an attempt may cost.
inline constexpr std::chrono::seconds delivery_lease{30};
/// An endpoint that has only failed for so long is disabled.
inline constexpr std::chrono::hours failing_max{24 * 5};
/// How long a delivery can be listed and redelivered. Its event is kept longer, so that it never
/// lacks it.
inline constexpr std::chrono::hours deliveries_kept{24 * 30};
inline constexpr std::chrono::hours delivery_events_kept{24 * 33};

// Fairness: what one endpoint or store may take of a worker before the others go first.
/// An endpoint that took longer is attempted by sweeps alone.
inline constexpr std::chrono::milliseconds slow_after{2'000};
/// A reaction begins no further attempt after this.
inline constexpr std::chrono::milliseconds reaction_share_max{5'000};
/// Within one sweep; beyond it the endpoint's or store's deliveries wait for `deferral`.
inline constexpr std::chrono::milliseconds endpoint_share_max{5'000};
inline constexpr std::chrono::milliseconds store_share_max{10'000};
inline constexpr std::chrono::seconds deferral{30};
/// A sweep begins no further attempt after this, so that with the last one it stays well below the
/// 50 s of its function.
inline constexpr std::chrono::milliseconds sweep_share_max{20'000};
inline constexpr std::chrono::milliseconds sweep_longest = sweep_share_max + attempt_timeout;
/// Deliveries that one sweep looks at at a time; and behind those that are other sweeps' work.
inline constexpr int sweep_batch_max = 50;
inline constexpr int sweep_looks_max = 800;
/// Sweeps that run at once in one process, each with one attempt at a time; and how many of them
/// may be at one store and at one endpoint. With those of reactions they are less than half of
/// PublicHttpClientOptions::lookups_max.
inline constexpr std::size_t sweeps_max = 12;
inline constexpr std::size_t sweeps_at_store_max = 3;
inline constexpr std::size_t sweeps_at_endpoint_max = 2;
/// Of a function, which has half a minute for what a server does all the time. All but the first
/// begin only where that takes longer than a second.
inline constexpr std::size_t sweeps_of_function = 6;
/// Reactions that attempt deliveries at once: of one store, and of all, one less than a home has
/// workers, so that there is one left who writes down what others find hanging.
inline constexpr std::size_t reactions_at_store_max = 2;
inline constexpr std::size_t reactions_attempting_max = 3;
/// An endpoint or store whose attempts are all under way for longer has its other deliveries put
/// off for `deferral`.
inline constexpr std::chrono::milliseconds hangs_after{1'000};

// Dead letters.
inline constexpr std::int64_t redrive_ids_max = 100;

}  // namespace souk::notifications
