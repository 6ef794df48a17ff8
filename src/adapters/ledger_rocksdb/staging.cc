#include "adapters/ledger_rocksdb/staging.h"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "adapters/ledger_rocksdb/database.h"
#include "adapters/ledger_rocksdb/key_codec.h"
#include "domain/base/text.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

constexpr std::array<Area, 2> index_areas = {Area::index_1, Area::index_2};

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

/// RocksDB only refuses entries above 4 GiB, which check_limits has ruled out.
void must(const rocksdb::Status& status) { CHECK(status.ok()); }

std::unexpected<Error> conflict(std::size_t position, std::string_view code, std::string detail) {
    return fail(Error{
        errors::ledger_conflict, detail, {{cat("/writes/", position), std::string(code), detail}}});
}

bool holds(const Expect& expect, const StoredRow* row) {
    switch (expect.kind) {
        case Expect::Kind::absent: return row == nullptr;
        case Expect::Kind::present: return row != nullptr;
        case Expect::Kind::version: return row != nullptr && row->version == expect.version;
        case Expect::Kind::any: return true;
    }
    return false;
}

StoredRow put_over(const StoredRow* row, const Row& put) {
    StoredRow next;
    next.version = row != nullptr ? row->version + 1 : 1;
    next.expires = put.expires;
    next.index = put.index;
    next.counters = row != nullptr ? row->counters : put.counters;
    next.body = put.body;
    return next;
}

/// The row after the changes, or nothing if a counter would pass its floor or overflow.
std::optional<StoredRow> added_to(const StoredRow* row, const std::vector<CounterChange>& changes) {
    StoredRow next = row != nullptr ? *row : StoredRow{};
    for (const auto& change : changes) {
        std::int64_t& counter = next.counters[change.name];
        if (__builtin_add_overflow(counter, change.delta, &counter) ||
            (change.floor && counter < *change.floor)) {
            return std::nullopt;
        }
    }
    return next;
}

const Expect& expectation_of(const Write& write) {
    return std::visit([](const auto& w) -> const Expect& { return w.expect; }, write);
}

Result<void> check_key_parts(const Write& write) {
    const auto fits = [](std::string_view partition) {
        return partition.size() <= partition_bytes_max;
    };
    bool all_fit = key_of(write).table.size() <= table_bytes_max;
    if (const auto* put = std::get_if<Put>(&write)) {
        for (const auto& index : put->row.index) {
            all_fit = all_fit && (!index || fits(index->partition));
        }
    }
    if (!all_fit) {
        return fail(errors::ledger_too_large,
                    cat("A table's name has at most ", table_bytes_max,
                        " bytes, an index partition ", partition_bytes_max, "."));
    }
    return {};
}

}  // namespace

Result<Prepared> Prepared::from(const Transaction& transaction,
                                const std::vector<Subscription>& subscriptions) {
    TRY(check_limits(transaction));
    Prepared prepared;
    prepared.transaction = &transaction;
    prepared.row_keys.reserve(transaction.writes.size());
    for (const auto& write : transaction.writes) {
        TRY(check_key_parts(write));
        prepared.row_keys.push_back(row_key(key_of(write)));
        const auto* put = std::get_if<Put>(&write);
        prepared.bytes +=
            prepared.row_keys.back().size() + (put != nullptr ? put->row.body.size() : 0);
    }
    for (const auto& event : transaction.events) {
        Departure departure;
        for (const auto& subscription : subscriptions) {
            if (std::ranges::find(subscription.types, event.type) != subscription.types.end()) {
                departure.queues.push_back(subscription.queue);
            }
        }
        if (!departure.queues.empty()) {
            departure.value = encode_event(event);
            prepared.bytes += departure.value.size() * departure.queues.size();
            prepared.departures.push_back(std::move(departure));
        }
    }
    return prepared;
}

Staging::Staging(const Database& database, Instant now, std::uint64_t& sequence)
    : database_(database),
      now_(now),
      sequence_(sequence),
      first_sequence_(sequence),
      batch_(std::make_unique<rocksdb::WriteBatch>()) {}

Staging::~Staging() = default;

Result<Staging::Effect> Staging::commit(const Prepared& prepared) {
    const Transaction& transaction = *prepared.transaction;
    if (!transaction.token.empty() && TRY(repeats(transaction.token))) {
        return Effect::repeated;
    }
    std::vector<Step> steps;
    steps.reserve(transaction.writes.size());
    for (std::size_t i = 0; i < transaction.writes.size(); ++i) {
        Slot* row = TRY(slot(prepared.row_keys[i]));
        auto step = TRY(decide(transaction.writes[i], *row, i));
        if (step) {
            steps.push_back(std::move(*step));
        }
    }
    for (Step& step : steps) {
        step.slot->latest = std::move(step.next);
        step.slot->changed = true;
    }
    for (const Departure& departure : prepared.departures) {
        for (const auto& queue : departure.queues) {
            must(batch_->Put(outbox_key(arrival_key(queue, ++sequence_)), departure.value));
        }
    }
    if (!transaction.token.empty()) {
        tokens_.insert(transaction.token);
        must(batch_->Put(token_key(transaction.token), encode_token_time(now_)));
    }
    return Effect::staged;
}

Result<int> Staging::purge(const std::vector<std::string>& row_keys) {
    int purged = 0;
    for (const auto& key : row_keys) {
        Slot* row = TRY(slot(key));
        if (row->latest && !row->latest->alive(now_)) {
            row->latest.reset();
            row->changed = true;
            ++purged;
        }
    }
    return purged;
}

rocksdb::WriteBatch* Staging::finished() {
    for (const auto& [key, row] : slots_) {
        if (row.changed) {
            emit(key, row);
        }
    }
    if (sequence_ != first_sequence_) {
        must(batch_->Put(sequence_key(), ordered_bytes(sequence_)));
    }
    return batch_->Count() == 0 ? nullptr : batch_.get();
}

Result<Staging::Slot*> Staging::slot(const std::string& row_key_bytes) {
    const auto [at, fresh] = slots_.try_emplace(row_key_bytes);
    Slot& row = at->second;
    if (fresh) {
        auto bytes = database_.get(row_key_bytes);
        auto decoded = bytes && *bytes ? decode_row(row.bytes = std::move(**bytes)) : StoredRow{};
        if (!bytes || !decoded) {
            slots_.erase(at);
            return std::unexpected(!bytes ? bytes.error() : decoded.error());
        }
        if (*bytes) {
            row.former = *decoded;
            row.latest = std::move(*decoded);
        }
    }
    return &row;
}

Result<bool> Staging::repeats(const std::string& token) const {
    if (tokens_.contains(token)) {
        return true;
    }
    const auto known = TRY(database_.get(token_key(token)));
    return known && token_alive(*known, now_);
}

Result<std::optional<Staging::Step>> Staging::decide(const Write& write, Slot& slot,
                                                     std::size_t position) const {
    const StoredRow* row = slot.latest && slot.latest->alive(now_) ? &*slot.latest : nullptr;
    const RowKey& key = key_of(write);
    if (!holds(expectation_of(write), row)) {
        return conflict(position, "expectation_failed",
                        cat("The row ", key.partition, " / ", key.sort,
                            " is not as the transaction expects it."));
    }
    if (const auto* put = std::get_if<Put>(&write)) {
        return Step{&slot, put_over(row, put->row)};
    }
    if (std::holds_alternative<Erase>(write)) {
        return Step{&slot, std::nullopt};
    }
    if (const auto* add = std::get_if<Add>(&write)) {
        auto next = added_to(row, add->changes);
        if (!next) {
            return conflict(position, "floor_reached",
                            cat("A counter of the row ", key.partition, " / ", key.sort,
                                " would pass its floor."));
        }
        return Step{&slot, std::move(next)};
    }
    return std::nullopt;
}

void Staging::emit(const std::string& row_key_bytes, const Slot& slot) {
    const auto key = parse_row_key(row_key_bytes);
    CHECK(key.has_value());
    const auto index_of = [](const std::optional<StoredRow>& row, std::size_t i) {
        return row ? row->index[i] : std::nullopt;
    };
    for (std::size_t i = 0; i < index_areas.size(); ++i) {
        const auto before = index_of(slot.former, i);
        const auto after = index_of(slot.latest, i);
        if (before && before != after) {
            must(batch_->Delete(index_key(index_areas[i], *key, *before)));
        }
        if (after && before != after) {
            must(batch_->Put(index_key(index_areas[i], *key, *after), {}));
        }
    }
    emit_expiry(row_key_bytes, slot);
    if (slot.latest) {
        const std::string head = encode_head(*slot.latest);
        const rocksdb::Slice key_part = slice(row_key_bytes);
        const std::array<rocksdb::Slice, 2> parts = {slice(head), slice(slot.latest->body)};
        must(batch_->Put(rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(parts.data(), 2)));
    } else if (slot.former) {
        must(batch_->Delete(slice(row_key_bytes)));
    }
}

void Staging::emit_expiry(const std::string& row_key_bytes, const Slot& slot) {
    const auto before = slot.former ? slot.former->expires : std::nullopt;
    const auto after = slot.latest ? slot.latest->expires : std::nullopt;
    if (before == after) {
        return;
    }
    if (before) {
        must(batch_->Delete(expiry_key(*before, row_key_bytes)));
    }
    if (after) {
        must(batch_->Put(expiry_key(*after, row_key_bytes), {}));
        earliest_expiry_ = earliest_expiry_ ? std::min(*earliest_expiry_, *after) : *after;
    }
}

}  // namespace souk::rocks
