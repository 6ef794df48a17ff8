#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/ports/http.h"
#include "domain/ports/ledger.h"

/// Hot public pages, kept in process until a commit touches a partition that they were made from.
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

/// What one page was made from: slots and the epochs that they had before they were read.
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

    /// Notes this thread's reads while it lives.
    class Recording {
    public:
        Recording();
        ~Recording();
        Recording(const Recording&) = delete;
        Recording& operator=(const Recording&) = delete;
        /// What was read; nothing when that cannot be watched (an index was asked).
        [[nodiscard]] std::optional<Dependencies> take() {
            return uncacheable_ ? std::nullopt : std::optional(std::move(seen_));
        }

    private:
        friend class TrackedLedger;
        Dependencies seen_;
        bool uncacheable_ = false;
    };

private:
    void note(std::string_view table, std::string_view partition) const;

    Ledger& inner_;
    const CommitEpochs& epochs_;
};

/// Pages by method, path and query. Bounded in bytes: those unused the longest go first.
/// Thread-safe.
class PageCache {
public:
    PageCache(const CommitEpochs& epochs, std::size_t bytes_max)
        : epochs_(epochs), bytes_max_(bytes_max / shards_count) {}

    /// The page, if nothing that it was made from has changed.
    [[nodiscard]] std::shared_ptr<const Response> find(std::string_view key);
    void keep(std::string key, Response page, Dependencies made_from);

private:
    struct Entry {
        std::string key;
        std::shared_ptr<const Response> page;
        Dependencies made_from;
        std::size_t bytes = 0;
    };
    using Order = std::list<Entry>;  // Most recently used first.
    struct Shard {
        std::mutex mutex;
        Order order;
        std::unordered_map<std::string_view, Order::iterator>
            by_key;  // Views into the entries' keys.
        std::size_t bytes = 0;
    };
    static constexpr std::size_t shards_count = 8;

    [[nodiscard]] bool fresh(const Dependencies& made_from) const;
    [[nodiscard]] Shard& shard_of(std::string_view key);
    static void drop(Shard& shard, Order::iterator entry);

    const CommitEpochs& epochs_;
    std::size_t bytes_max_;
    std::array<Shard, shards_count> shards_;
};

}  // namespace souk::gateway
