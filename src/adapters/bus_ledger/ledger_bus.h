#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/ports/clock.h"
#include "domain/ports/ledger.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/outbox.h"

namespace souk {

namespace bus {
class LedgerQueue;
}

/// The message bus of one machine: its queues are rows beside the ledger's, filled by the commits
/// themselves. A waiting receiver sleeps until a commit wakes it or a retry is due. Receive counts,
/// retries and dead letters survive a restart. Thread-safe. All receivers must have returned before
/// it is destroyed.
class LedgerBus final : public MessageBus, private CommitObserver {
public:
    /// The queues are the outbox's subscriptions. Both outlive the bus.
    LedgerBus(Outbox& outbox, Clock& clock);
    ~LedgerBus() override;
    LedgerBus(const LedgerBus&) = delete;
    LedgerBus& operator=(const LedgerBus&) = delete;

    /// To be called once, before the first receive: makes due what the process before this one had
    /// received and not settled. Counts stay. Errors: those of the outbox.
    [[nodiscard]] Result<void> resume();

    [[nodiscard]] Result<std::vector<Message>> receive(std::string_view queue, int count,
                                                       std::chrono::milliseconds wait,
                                                       std::stop_token stop) override;
    /// One write for all receipts. Survives the death of the process, not of the machine.
    [[nodiscard]] Result<void> acknowledge(std::string_view queue,
                                           const std::vector<std::string>& receipts) override;
    [[nodiscard]] Result<void> retry(std::string_view queue, const std::string& receipt,
                                     std::string_view reason) override;
    [[nodiscard]] Result<void> bury(std::string_view queue, const std::string& receipt,
                                    std::string_view reason) override;
    [[nodiscard]] Result<DeadLetterPage> dead_letters(std::string_view queue, int limit,
                                                      std::string_view cursor) override;
    [[nodiscard]] Result<int> redrive(std::string_view queue,
                                      const std::vector<std::string>& ids) override;
    [[nodiscard]] std::vector<std::string> queues() const override;

private:
    void committed(const Transaction& transaction) noexcept override;
    [[nodiscard]] Result<bus::LedgerQueue*> queue_named(std::string_view queue) const;
    /// The named queue, or all of them for an empty name.
    [[nodiscard]] Result<std::vector<bus::LedgerQueue*>> queues_named(std::string_view queue) const;

    Outbox& outbox_;
    std::vector<std::unique_ptr<bus::LedgerQueue>> queues_;  // In the order of the subscriptions.
    std::map<std::string, std::vector<bus::LedgerQueue*>, std::less<>> by_type_;
};

}  // namespace souk
