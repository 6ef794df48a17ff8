#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "adapters/memory/memory_ledger.h"
#include "domain/ports/message_bus.h"

namespace souk {

/// The whole MessageBus contract in memory, fed by the commits of a MemoryLedger; its queues are
/// the ledger's subscriptions. Thread-safe.
class MemoryBus final : public MessageBus, private CommitObserver {
public:
    /// Both outlive the bus.
    MemoryBus(MemoryLedger& ledger, Clock& clock);
    ~MemoryBus() override;
    MemoryBus(const MemoryBus&) = delete;
    MemoryBus& operator=(const MemoryBus&) = delete;

    [[nodiscard]] Result<std::vector<Message>> receive(std::string_view queue, int count,
                                                       std::chrono::milliseconds wait,
                                                       std::stop_token stop) override;
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

    /// Messages of a queue that are neither acknowledged nor dead, whether visible or not.
    [[nodiscard]] std::size_t depth(std::string_view queue) const;

private:
    struct Held {
        Event event;
        Instant visible;
        int deliveries = 0;
    };
    using HeldMessages = std::map<std::uint64_t, Held>;

    void committed(const Transaction& transaction) noexcept override;
    [[nodiscard]] Result<HeldMessages*> queue_named(std::string_view queue);
    [[nodiscard]] std::chrono::seconds hidden(std::string_view queue) const;
    [[nodiscard]] std::vector<Message> take(std::string_view queue, HeldMessages& held, int count);
    [[nodiscard]] std::optional<Instant> next_visible(const HeldMessages& held) const;
    void kill(std::string_view queue, HeldMessages& held, HeldMessages::iterator message,
              std::string_view reason);

    MemoryLedger& ledger_;
    Clock& clock_;
    mutable std::mutex mutex_;
    std::condition_variable_any arrived_;
    std::map<std::string, HeldMessages, std::less<>> queues_;
    std::map<std::uint64_t, DeadLetter> dead_;
    std::uint64_t sequence_ = 0;
};

}  // namespace souk
