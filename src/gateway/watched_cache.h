#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/commit_epochs.h"

namespace souk::gateway {

/// Values by key, each until something that it was made from has changed. Bounded in bytes: those
/// unused the longest go first. Thread-safe.
template <class Value>
class WatchedCache {
public:
    WatchedCache(const CommitEpochs& epochs, std::size_t bytes_max)
        : epochs_(epochs), bytes_max_(bytes_max / shards_count) {}

    /// Whether there is room for anything.
    [[nodiscard]] bool keeps() const { return bytes_max_ > 0; }

    /// The value, if nothing that it was made from has changed. A Recording sees what that was.
    [[nodiscard]] std::shared_ptr<const Value> find(std::string_view key) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.by_key.find(key);
        if (found == shard.by_key.end()) {
            return nullptr;
        }
        const auto entry = found->second;
        if (!fresh(entry->made_from)) {
            drop(shard, entry);
            return nullptr;
        }
        shard.order.splice(shard.order.begin(), shard.order, entry);
        TrackedLedger::Recording::note(entry->made_from);
        return entry->value;
    }

    /// The value that is kept, or else what `make` () -> Result<std::optional<Value>> makes of
    /// reads through a TrackedLedger. Nothing is not kept: of what does not exist there is no end.
    /// `bytes_of` is (const Value&) -> std::size_t.
    template <class Make, class BytesOf>
    [[nodiscard]] Result<std::optional<Value>> find_or_make(std::string key, Make make,
                                                            BytesOf bytes_of) {
        if (const auto known = find(key)) {
            return *known;
        }
        TrackedLedger::Recording recording;
        std::optional<Value> made = TRY(make());
        auto made_from = recording.seen();
        // What nobody saw the making of could never be dropped.
        if (made && made_from && !made_from->empty()) {
            keep(std::move(key), *made, bytes_of(*made), *std::move(made_from));
        }
        return made;
    }

    /// `bytes` is what the value itself takes.
    void keep(std::string key, Value value, std::size_t bytes, Dependencies made_from) {
        if (made_from.size() > dependencies_max) {
            return;
        }
        Entry entry;
        entry.bytes =
            2 * key.size() + bytes + made_from.size() * sizeof(made_from[0]) + entry_overhead;
        entry.key = std::move(key);
        entry.value = std::make_shared<const Value>(std::move(value));
        entry.made_from = std::move(made_from);
        Shard& shard = shard_of(entry.key);
        const std::lock_guard lock(shard.mutex);
        if (const auto old = shard.by_key.find(entry.key); old != shard.by_key.end()) {
            drop(shard, old->second);
        }
        shard.bytes += entry.bytes;
        shard.order.push_front(std::move(entry));
        shard.by_key.emplace(shard.order.front().key, shard.order.begin());
        while (shard.bytes > bytes_max_) {
            drop(shard, std::prev(shard.order.end()));
        }
    }

private:
    struct Entry {
        std::string key;
        std::shared_ptr<const Value> value;
        Dependencies made_from;
        std::size_t bytes = 0;
    };
    using Order = std::list<Entry>;  // Most recently used first.
    struct Shard {
        std::mutex mutex;
        Order order;
        std::unordered_map<std::string_view, typename Order::iterator>
            by_key;  // Views into the entries' keys.
        std::size_t bytes = 0;
    };
    static constexpr std::size_t shards_count = 8;
    static constexpr std::size_t entry_overhead = 512;  // Nodes, counts and what they waste.

    [[nodiscard]] bool fresh(const Dependencies& made_from) const {
        return std::ranges::all_of(
            made_from, [this](const auto& seen) { return epochs_.at(seen.first) == seen.second; });
    }
    [[nodiscard]] Shard& shard_of(std::string_view key) {
        return shards_[std::hash<std::string_view>{}(key) % shards_count];
    }
    static void drop(Shard& shard, typename Order::iterator entry) {
        shard.bytes -= entry->bytes;
        shard.by_key.erase(entry->key);
        shard.order.erase(entry);
    }

    const CommitEpochs& epochs_;
    std::size_t bytes_max_;
    std::array<Shard, shards_count> shards_;
};

}  // namespace souk::gateway
