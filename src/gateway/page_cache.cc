#include "gateway/page_cache.h"

#include <algorithm>
#include <functional>

namespace souk::gateway {

namespace {

thread_local TrackedLedger::Recording* recording = nullptr;

/// Beyond this a page is not worth watching. Unit: partitions.
constexpr std::size_t dependencies_max = 512;

}  // namespace

CommitEpochs::Slot CommitEpochs::slot_of(std::string_view table, std::string_view partition) {
    const std::size_t mixed =
        std::hash<std::string_view>{}(partition) * 31 + std::hash<std::string_view>{}(table);
    return static_cast<Slot>(mixed & (slots - 1));
}

void CommitEpochs::committed(const Transaction& transaction) noexcept {
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        epochs_[slot_of(key.table, key.partition)].fetch_add(1, std::memory_order_release);
        if (const auto* put = std::get_if<Put>(&write)) {
            for (const auto& index : put->row.index) {
                if (index) {
                    epochs_[slot_of(key.table, index->partition)].fetch_add(
                        1, std::memory_order_release);
                }
            }
        }
    }
}

TrackedLedger::Recording::Recording() {
    CHECK(recording == nullptr);
    recording = this;
}

TrackedLedger::Recording::~Recording() { recording = nullptr; }

void TrackedLedger::note(std::string_view table, std::string_view partition) const {
    if (recording == nullptr || recording->seen_.size() > dependencies_max) {
        return;
    }
    // The epoch is taken before the read: a commit in between makes the page stale, not wrong.
    const auto slot = CommitEpochs::slot_of(table, partition);
    recording->seen_.emplace_back(slot, epochs_.at(slot));
}

Result<std::optional<Row>> TrackedLedger::get(const RowKey& key) {
    note(key.table, key.partition);
    return inner_.get(key);
}

Result<std::vector<std::optional<Row>>> TrackedLedger::get_many(const std::vector<RowKey>& keys) {
    for (const auto& key : keys) {
        note(key.table, key.partition);
    }
    return inner_.get_many(keys);
}

Result<Page> TrackedLedger::query(const Query& query) {
    note(query.table, query.partition);
    if (query.source != Source::rows && recording != nullptr) {
        recording->uncacheable_ = true;  // A row that leaves an index partition does not name it.
    }
    return inner_.query(query);
}

bool PageCache::fresh(const Dependencies& made_from) const {
    return std::ranges::all_of(
        made_from, [this](const auto& seen) { return epochs_.at(seen.first) == seen.second; });
}

PageCache::Shard& PageCache::shard_of(std::string_view key) {
    return shards_[std::hash<std::string_view>{}(key) % shards_count];
}

void PageCache::drop(Shard& shard, Order::iterator entry) {
    shard.bytes -= entry->bytes;
    shard.by_key.erase(entry->key);
    shard.order.erase(entry);
}

std::shared_ptr<const Response> PageCache::find(std::string_view key) {
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
    return entry->page;
}

void PageCache::keep(std::string key, Response page, Dependencies made_from) {
    if (made_from.size() > dependencies_max) {
        return;
    }
    Entry entry;
    entry.bytes =
        2 * key.size() + page.text().size() + made_from.size() * sizeof(made_from[0]) + 512;
    entry.key = std::move(key);
    entry.page = std::make_shared<const Response>(std::move(page));
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

}  // namespace souk::gateway
