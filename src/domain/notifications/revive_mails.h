#pragma once

#include <string>
#include <vector>

#include "domain/ports/message_bus.h"
#include "domain/ports/sweep.h"

/// Mails that died because their server was away come back by themselves.
namespace souk::notifications {

/// Whether a mail of this event is still worth sending.
[[nodiscard]] bool can_be_revived(const Event& event, Instant now);

/// What one sweep does about them.
class MailRevival {
public:
    /// Both outlive it.
    MailRevival(const ServiceLedger& ledger, MessageBus& bus) : ledger_(ledger), bus_(bus) {}

    /// Of a mail that is due: brings back the dead letters of all mails that died of their tries,
    /// once in a sweep. Shape: a row of `mails`. Errors: the ledger's, the bus's.
    /// Repeat: harmless, what was brought back is no longer among the dead.
    [[nodiscard]] Result<Swept> settle(const DueRow& due, Instant now);

private:
    /// Whether there may be more, beyond those that one sweep looks at.
    [[nodiscard]] Result<bool> bring_back(Instant now);

    const ServiceLedger& ledger_;
    MessageBus& bus_;
    bool done_ = false;
    bool more_ = false;
};

}  // namespace souk::notifications
