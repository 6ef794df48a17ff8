#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Keeps this process's transactions from cancelling each other: of those that write to a row which
/// was contended lately, one at a time goes to DynamoDB, in the order of their coming; the others
/// wait here, which costs nothing, instead of there, where each lost race is paid for. Advisory: it
/// never decides anything, and who has waited long enough goes on without it. Thread-safe.
class RowGate {
public:
    struct Limits {
        /// How long after a conflict a row counts as contended.
        std::chrono::milliseconds contended_for{5'000};
        /// The longest that a transaction waits to enter.
        std::chrono::milliseconds wait_max{2'000};
    };
    RowGate() : RowGate(Limits{}) {}
    explicit RowGate(Limits limits) : limits_(limits) {}

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
    /// Transactions that wait to enter.
    [[nodiscard]] std::size_t waiting() const;

private:
    using Time = std::chrono::steady_clock::time_point;
    /// Rows share a slot by their hash: a shared one costs a needless wait, never more.
    struct Slot {
        Time contended_until{};
        bool taken = false;
    };
    struct Waiter {
        std::vector<std::size_t> slots;
        bool admitted = false;
        std::condition_variable woken;
    };
    static constexpr std::size_t slots_count = 1024;

    [[nodiscard]] static std::size_t slot_of(const RowKey& key);
    [[nodiscard]] std::vector<std::size_t> contended_slots(const Transaction& transaction,
                                                           Time now) const;
    void admit_waiters();
    void free(const std::vector<std::size_t>& slots);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::list<Waiter*> waiters_;  // In the order of their coming, on their callers' stacks.
    std::array<Slot, slots_count> slots_{};
};

}  // namespace souk::dynamo
