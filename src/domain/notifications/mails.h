#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/notifications/letter.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/mail_record.h"
#include "domain/ports/mailer.h"
#include "domain/ports/templates.h"
#include "domain/ports/unit_of_work.h"
#include "domain/stores/contract.h"

/// Mails to customers and staff about what happened, each sent once per event as far as SMTP
/// allows.
namespace souk::notifications {

struct MailPage {
    std::vector<MailRecord> mails;
    std::optional<std::string> cursor;  // The ledger's own.
};

class Mails {
public:
    /// Requires that a mail of `mailer` and its lease end within mails_hidden.
    /// `alone_since`: from when on no other process sends these mails, where that is known: what
    /// was being sent before is then a dead one's.
    Mails(ServiceLedger ledger, AllStores all_stores, const stores::StoreDirectory& directory,
          const Templates& templates, Mailer& mailer,
          std::optional<Instant> alone_since = std::nullopt)
        : ledger_(std::move(ledger)),
          all_stores_(all_stores),
          directory_(&directory),
          templates_(&templates),
          mailer_(&mailer),
          alone_since_(alone_since) {
        CHECK(mailer.longest() + mail_lease_margin <= mails_hidden);
    }

    /// Sends the mail that the event calls for, in the name of its store (or of Souk, to staff).
    /// Errors: mail_unavailable (retried); not_yet while another delivery of the event is sending
    /// it; corrupt_row and template_broken, which can never succeed. A mail that the server refuses
    /// is recorded as failed and announced.
    /// Effects: a commit before sending, and one after it together with the inbox row of `queue`.
    /// Repeat: sends nothing once that last commit is there. A crash between the server's
    /// acceptance and it makes the redelivery send again, under the same Message-ID.
    [[nodiscard]] Result<void> send(const Event& event, std::string_view queue) const;

    /// A store's mails of the last mails_kept, newest first. Errors: invalid_cursor.
    [[nodiscard]] Result<MailPage> list(const Caller& caller, int limit,
                                        std::string_view cursor) const;

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }

private:
    [[nodiscard]] Result<Sender> sender_of(const Event& event) const;
    [[nodiscard]] WalledLedger wall_of(const Event& event) const;
    /// The record to send now, leased; nothing if it is settled. Errors: not_yet.
    [[nodiscard]] Result<std::optional<MailRecord>> claim(const WalledLedger& wall,
                                                          const MailRecord& fresh) const;
    [[nodiscard]] Result<void> record_sent(const Event& event, std::string_view queue,
                                           MailRecord mail) const;
    [[nodiscard]] Result<void> record_unsent(const Event& event, MailRecord mail,
                                             const Error& why) const;
    [[nodiscard]] Event failure_event(const Event& cause, const MailRecord& mail) const;

    ServiceLedger ledger_;
    AllStores all_stores_;
    const stores::StoreDirectory* directory_;
    const Templates* templates_;
    Mailer* mailer_;
    std::optional<Instant> alone_since_;
};

}  // namespace souk::notifications
