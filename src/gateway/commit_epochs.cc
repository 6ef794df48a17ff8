#include "gateway/commit_epochs.h"

#include <functional>

namespace souk::gateway {

namespace {

thread_local TrackedLedger::Recording* recording = nullptr;

}  // namespace

CommitEpochs::Slot CommitEpochs::slot_of(std::string_view table, std::string_view partition) {
    const std::size_t mixed =
        std::hash<std::string_view>{}(partition) * 31 + std::hash<std::string_view>{}(table);
    return static_cast<Slot>(mixed & (slots - 1));
}

void CommitEpochs::committed(const Transaction& transaction) noexcept {
    for (const auto& write : transaction.writes) {
        if (std::holds_alternative<Check>(write)) {
            continue;
        }
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

TrackedLedger::Recording::Recording() : outer_(recording) { recording = this; }

TrackedLedger::Recording::~Recording() {
    recording = outer_;
    if (outer_ != nullptr) {
        outer_->add(seen_);
        outer_->uncacheable_ = outer_->uncacheable_ || uncacheable_;
    }
}

void TrackedLedger::Recording::note(const Dependencies& made_from) {
    if (recording != nullptr) {
        recording->add(made_from);
    }
}

void TrackedLedger::Recording::add(const Dependencies& made_from) {
    if (seen_.size() <= dependencies_max) {
        seen_.insert(seen_.end(), made_from.begin(), made_from.end());
    }
}

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

}  // namespace souk::gateway
