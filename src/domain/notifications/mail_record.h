#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"
#include "domain/ports/event.h"
#include "domain/ports/store_ledger.h"

/// What is remembered of a mail: that it was sent and to whom, never what it said.
namespace souk::notifications {

enum class MailKind {
    order_confirmed,
    order_cancelled,
    order_fulfilled,
    order_refunded,
    sign_up_code,
    account_exists,
    password_reset_code,
};
/// Also the name of its template.
[[nodiscard]] std::string_view name_of(MailKind kind);

/// queued: has failed and will be tried again. failed: refused by the mail server, or out of tries.
enum class MailStatus { queued, sending, sent, failed };
[[nodiscard]] std::string_view name_of(MailStatus status);

struct MailRecord {
    NotificationId id;
    MailKind kind = MailKind::order_confirmed;
    std::string to;
    std::string subject;
    MailStatus status = MailStatus::queued;
    std::string event_id;
    int attempts = 0;                   // Since the event was last put into its queue.
    std::optional<Instant> claimed_at;  // By whoever sends it until `leased_until`.
    std::optional<Instant> leased_until;
    std::string error;
    bool announced = false;         // Its failure was, once.
    std::optional<Instant> revive;  // When to take its event from the dead letters.
    Instant created_at;
    std::optional<Instant> sent_at;
    std::uint64_t version = 0;  // 0: not yet written.

    [[nodiscard]] bool settled() const { return status == MailStatus::sent; }
    /// Whether somebody who claimed it at `alone_since` or later may still be sending it.
    [[nodiscard]] bool under_way(Instant now, std::optional<Instant> alone_since) const {
        const bool leased = status == MailStatus::sending && leased_until && *leased_until > now;
        return leased && !(alone_since && claimed_at && *claimed_at < *alone_since);
    }
};

/// The one mail of an event: its id follows the event's, so a redelivery finds it.
/// Errors: invalid_id.
[[nodiscard]] Result<NotificationId> mail_of(const Event& event);

[[nodiscard]] std::string render_mail(const MailRecord& mail);
[[nodiscard]] StoreRow encode_mail(const MailRecord& mail);
/// Errors: corrupt_row.
[[nodiscard]] Result<MailRecord> decode_mail(const StoreRow& row);

}  // namespace souk::notifications
