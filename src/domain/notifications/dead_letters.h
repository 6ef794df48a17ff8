#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/message_bus.h"
#include "domain/ports/store_ledger.h"

/// What the queues have given up on: shown to the platform's administrators, and put back.
namespace souk::notifications {

class DeadLetters {
public:
    /// `ledger` keeps the answers to Idempotency-Keys.
    DeadLetters(ServiceLedger ledger, AllStores all_stores, MessageBus& bus)
        : ledger_(std::move(ledger)), all_stores_(all_stores), bus_(&bus) {}

    /// Newest last, of one queue or (empty name) of all; codes are left out.
    /// Errors: validation_failed, invalid_cursor.
    [[nodiscard]] Result<DeadLetterPage> list(std::string_view queue, int limit,
                                              std::string_view cursor) const;
    /// Puts letters back into their queue with a fresh count; returns how many. No ids: all of the
    /// queue's.
    /// Errors: validation_failed (no such queue).
    /// Repeat: what was put back is no longer among the dead.
    [[nodiscard]] Result<int> redrive(std::string_view queue,
                                      const std::vector<std::string>& ids) const;

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }
    [[nodiscard]] PlatformLedger wall() const { return ledger_.platform(all_stores_); }

private:
    [[nodiscard]] bool knows(std::string_view queue) const;

    ServiceLedger ledger_;
    AllStores all_stores_;
    MessageBus* bus_;
};

[[nodiscard]] std::string render_dead_letter(const DeadLetter& letter);

}  // namespace souk::notifications
