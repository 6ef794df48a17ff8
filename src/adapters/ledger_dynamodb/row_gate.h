#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Keeps this process's transactions from cancelling each other: of those that write to a row which
/// was contended lately, one at a time goes to DynamoDB, in the order of their coming. The others
/// wait here, which costs nothing, instead of there, where each lost race is paid for; and those
/// that can go along with the next one do (joint.h). Advisory: it never decides anything, and who
/// has waited long enough goes on without it. Thread-safe.
class RowGate {
public:
    struct Limits {
        /// How long after a conflict a row counts as contended.
        std::chrono::milliseconds contended_for{5'000};
        /// The longest that a transaction waits to enter or to be taken along.
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
        friend class RowGate;
        RowGate* gate_;
        std::vector<std::size_t> slots_;
    };

    class Company;
    /// `alone`: neither takes others along nor goes along with them.
    enum class Travel { in_company, alone };
    struct Entry;
    /// Waits until no other transaction is inside that writes to the same contended row, or until
    /// one has taken this along. `transaction` outlives the entry's company.
    [[nodiscard]] Entry enter(const Transaction& transaction, Travel travel = Travel::in_company);
    /// Those who can go along by now with `transaction`, which is inside at `place`. It outlives
    /// them.
    [[nodiscard]] Company gather(const Transaction& transaction, const Place& place);
    /// Transactions that wait to enter.
    [[nodiscard]] std::size_t waiting() const;

private:
    using Time = std::chrono::steady_clock::time_point;
    /// Rows share a slot by their hash: a shared one costs a needless wait, never more.
    struct Slot {
        Time contended_until{};
        bool taken = false;
    };
    struct Waiter;
    static constexpr std::size_t slots_count = 1024;

    [[nodiscard]] static std::size_t slot_of(const RowKey& key);
    [[nodiscard]] std::vector<std::size_t> contended_slots(const Transaction& transaction,
                                                           Time now) const;
    void admit_waiters();
    /// Those who wait, as far as they can go along with the transaction that has these slots.
    [[nodiscard]] Company company_of(const Transaction& transaction,
                                     const std::vector<std::size_t>& slots);
    void free(const std::vector<std::size_t>& slots);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::list<Waiter*> waiters_;  // In the order of their coming, on their callers' stacks.
    std::array<Slot, slots_count> slots_{};
};

/// Transactions that were taken along. They wait until they are told what became of all; whoever is
/// told nothing goes on alone when this is destroyed.
class RowGate::Company {
public:
    Company() = default;
    Company(RowGate* gate, std::vector<Waiter*> members, Transaction all)
        : gate_(gate), members_(std::move(members)), all_(std::move(all)) {}
    Company(Company&& other) noexcept;
    Company& operator=(Company&& other) noexcept;
    ~Company() { part(Travel::alone); }

    [[nodiscard]] bool empty() const { return members_.empty(); }
    /// The first one's transaction and theirs as one; of use only if there is company.
    [[nodiscard]] const Transaction& all() const { return all_; }
    /// Their tokens, of those that have one.
    [[nodiscard]] std::vector<std::string> tokens() const;
    /// All of them return with this outcome.
    void tell(const Result<void>& outcome);
    /// Nothing has become of them: each waits again, to go `travel`.
    void part(Travel travel);

private:
    RowGate* gate_ = nullptr;
    std::vector<Waiter*> members_;
    Transaction all_;
};

struct RowGate::Entry {
    Place place;
    Company company = {};
    /// Set if another took this along: what became of it. Then there is neither place nor company.
    std::optional<Result<void>> settled = {};
};

}  // namespace souk::dynamo
