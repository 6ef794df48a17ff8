#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ports/ledger.h"

/// What lets a process keep what it made from rows until a commit touches one of them
/// (docs/decisions/0009).
namespace souk::gateway {

/// Counts commits per partition, hashed into a fixed number of slots: a shared slot costs a
/// needless miss, never a stale page. Register it as the ledger's CommitObserver.
class CommitEpochs : public CommitObserver {
public:
    using Slot = std::uint32_t;
    [[nodiscard]] static Slot slot_of(std::string_view table, std::string_view partition);
    [[nodiscard]] std::uint64_t at(Slot slot) const {
        return epochs_[slot].load(std::memory_order_acquire);
    }
    void committed(const Transaction& transaction) noexcept override;

private:
    static constexpr std::size_t slots = 1U << 16;
    std::array<std::atomic<std::uint64_t>, slots> epochs_{};
};

/// What something was made from: slots and the epochs that they had before they were read.
using Dependencies = std::vector<std::pair<CommitEpochs::Slot, std::uint64_t>>;

/// A ledger that notes, for the thread that records, which partitions are read.
class TrackedLedger : public Ledger {
public:
    TrackedLedger(Ledger& inner, const CommitEpochs& epochs) : inner_(inner), epochs_(epochs) {}

    Result<std::optional<Row>> get(const RowKey& key) override;
    Result<std::vector<std::optional<Row>>> get_many(const std::vector<RowKey>& keys) override;
    Result<Page> query(const Query& query) override;
    Result<void> commit(const Transaction& transaction) override {
        return inner_.commit(transaction);
    }

    /// Notes this thread's reads while it lives. One inside another tells the outer all that it
    /// saw.
    class Recording {
    public:
        Recording();
        ~Recording();
        Recording(const Recording&) = delete;
        Recording& operator=(const Recording&) = delete;
        /// What was read so far; nothing when that cannot be watched (an index was asked).
        [[nodiscard]] std::optional<Dependencies> seen() const {
            return uncacheable_ ? std::nullopt : std::optional(seen_);
        }
        /// What is kept already was used instead of reading this again.
        static void note(const Dependencies& made_from);

    private:
        friend class TrackedLedger;
        void add(const Dependencies& made_from);
        Recording* outer_;
        Dependencies seen_;
        bool uncacheable_ = false;
    };

private:
    void note(std::string_view table, std::string_view partition) const;

    Ledger& inner_;
    const CommitEpochs& epochs_;
};

/// Beyond this what was made is not worth watching. Unit: partitions.
inline constexpr std::size_t dependencies_max = 512;

}  // namespace souk::gateway
