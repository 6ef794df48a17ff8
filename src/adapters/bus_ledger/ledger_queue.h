#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/bus_ledger/due_window.h"
#include "adapters/bus_ledger/queue_rows.h"
#include "domain/ports/clock.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/outbox.h"

namespace souk::bus {

/// One queue: its messages' states in the outbox, and whoever waits for them. Thread-safe.
class LedgerQueue {
public:
    LedgerQueue(const Subscription& subscription, Outbox& outbox, Clock& clock);

    /// As MessageBus::receive.
    [[nodiscard]] Result<std::vector<Message>> receive(int count, std::chrono::milliseconds wait,
                                                       const std::stop_token& stop);
    [[nodiscard]] Result<void> acknowledge(const std::vector<std::string>& receipts);
    [[nodiscard]] Result<void> retry(const std::string& receipt, std::string_view reason);
    [[nodiscard]] Result<void> bury(const std::string& receipt, std::string_view reason);
    /// Letters that died after `after` (or at `after`, with a higher sequence), oldest first.
    [[nodiscard]] Result<std::vector<std::pair<DueKey, DeadLetter>>> dead_after(
        const DueKey& after, std::size_t count_max) const;
    /// Brings those of the dead letters that exist back; tells how many.
    [[nodiscard]] Result<int> redrive(const std::vector<DueKey>& letters);
    /// The same for all that are dead now.
    [[nodiscard]] Result<int> redrive_all();

    /// Before the first receive: what was out when the process before this one died has no consumer
    /// any more and is due at once. What rests after a failure goes on resting: a process that dies
    /// again and again would else use up its tries within moments.
    [[nodiscard]] Result<void> resume();

    /// A commit has put messages into the queue. Never blocks for long: takes no lock that is held
    /// across I/O.
    void arrived() noexcept;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    /// The rows that one step writes, and what becomes true in memory once they are written.
    struct Step {
        std::vector<OutboxWrite> writes;
        std::vector<DueKey> inserted;
        std::vector<DueKey> taken;  // Already out of the window; put back if the write fails.
        std::optional<std::uint64_t> mark;
        std::vector<Message> messages;
    };

    [[nodiscard]] Result<std::vector<Message>> claim(std::size_t count);
    [[nodiscard]] Result<void> claim_due(Step& step, std::size_t count, Instant now);
    [[nodiscard]] Result<void> claim_one_due(Step& step, const DueKey& at, Instant now);
    [[nodiscard]] Result<void> claim_arrived(Step& step, std::size_t count, Instant now);
    void hand_out(Step& step, std::uint64_t sequence, std::string_view event_bytes, int delivery,
                  Instant now);
    [[nodiscard]] Result<void> apply(Step& step);
    [[nodiscard]] Result<void> load_mark();
    [[nodiscard]] Result<std::optional<PendingRow>> pending(const DueKey& at) const;
    void kill(Step& step, const DueKey& at, int deliveries, std::string_view reason,
              Instant now) const;
    /// How long a receiver that found nothing may sleep before something is due. Nothing: until it
    /// is woken.
    [[nodiscard]] std::optional<std::chrono::milliseconds> rest();
    void wake_one();
    /// Makes sure that, of those who sleep, someone wakes for what is there or due next. Whoever
    /// may have made that sooner, or kept watch and leaves, ends with this.
    void keep_watch();

    const std::string name_;
    const std::chrono::seconds hidden_;
    Outbox& outbox_;
    Clock& clock_;

    std::mutex claiming_;  // Guards the window and the mark; held while a claim is written, so
                           // marks rise in order.
    DueWindow window_;
    std::optional<std::uint64_t> mark_;
    std::atomic<bool> maybe_arrived_ = true;  // Messages may lie above the mark.

    std::mutex waiting_;  // Guards the signal below; never held across I/O.
    std::condition_variable_any signalled_;
    std::uint64_t signals_ = 0;
    std::multiset<std::chrono::steady_clock::time_point> sleepers_;  // When each wakes by itself.
};

}  // namespace souk::bus
