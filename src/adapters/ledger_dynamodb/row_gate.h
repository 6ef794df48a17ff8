#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Keeps this process's transactions from cancelling each other: of those that write to a row which
/// was contended lately, one at a time goes to DynamoDB, and the others wait here, which costs
/// nothing, instead of there, where each lost race is paid for. Advisory: it never decides
/// anything, and who has waited long enough goes on without it. Thread-safe.
class RowGate {
public:
    /// How long after a conflict a row counts as contended.
    static constexpr std::chrono::seconds contended_for{5};
    /// The longest that a transaction waits to enter.
    static constexpr std::chrono::milliseconds wait_max{1'000};

    /// Says that somebody else was at the row.
    void contended(const RowKey& key);

    /// A place inside, given up with its destruction.
    class Place {
    public:
        Place(RowGate* gate, std::vector<std::size_t> slots)
            : gate_(gate), slots_(std::move(slots)) {}
        Place(Place&& other) noexcept;
        Place& operator=(Place&& other) noexcept;
        ~Place() { leave(); }
        void leave();
        /// Whether nobody else of this process is at the row meanwhile.
        [[nodiscard]] bool covers(const RowKey& key) const;

    private:
        RowGate* gate_;
        std::vector<std::size_t> slots_;
    };
    /// Waits until no other transaction is inside that writes to the same contended row.
    [[nodiscard]] Place enter(const Transaction& transaction);

private:
    using Time = std::chrono::steady_clock::time_point;
    /// Rows share a slot by their hash: a shared one costs a needless wait, never more.
    struct Slot {
        Time contended_until{};
        bool taken = false;
    };
    static constexpr std::size_t slots_count = 1024;

    [[nodiscard]] static std::size_t slot_of(const RowKey& key);
    [[nodiscard]] std::vector<std::size_t> contended_slots(const Transaction& transaction,
                                                           Time now) const;
    void free(const std::vector<std::size_t>& slots);

    std::mutex mutex_;
    std::condition_variable freed_;
    std::array<Slot, slots_count> slots_{};
};

}  // namespace souk::dynamo
