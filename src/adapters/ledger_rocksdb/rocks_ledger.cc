#include "adapters/ledger_rocksdb/rocks_ledger.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "adapters/ledger_rocksdb/key_codec.h"
#include "adapters/ledger_rocksdb/rocks_ledger_state.h"
#include "adapters/ledger_rocksdb/rocks_query.h"
#include "adapters/ledger_rocksdb/row_codec.h"
#include "domain/base/text.h"

namespace souk {

namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

/// The row in these bytes, or nothing if it is past its expiry.
Result<std::optional<Row>> shown(const RowKey& key, std::string_view bytes, Instant now) {
    rocks::StoredRow stored = TRY(rocks::decode_row(bytes));
    if (!stored.alive(now)) {
        return std::nullopt;
    }
    return rocks::to_row(key, std::move(stored));
}

/// Says how to open the database of a directory that is ours alone. Errors: it is none that we may
/// use.
Result<rocks::Access> admit(const RocksLedgerOptions& options) {
    // Stamped as whole only once it is, so that dying on the way leaves no ledger that has "lost"
    // its files.
    if (TRY(rocks::is_unfinished(options.directory))) {
        TRY(rocks::stamp_unfinished(options.directory));
        return rocks::Access::create;
    }
    TRY(rocks::check_format(options.directory));
    return rocks::Access::read_write;
}

}  // namespace

Result<std::unique_ptr<RocksLedger>> RocksLedger::open(const RocksLedgerOptions& options) {
    TRY(rocks::make_directory(options.directory));
    auto lock = TRY(rocks::DirectoryLock::take(options.directory));
    const rocks::Access access = TRY(admit(options));
    auto state = std::unique_ptr<State>(new State{options, std::move(lock), {}, {}, {}});
    state->database = TRY(rocks::Database::open(
        {options.directory, options.clock, access, options.block_cache_bytes,
         options.write_buffer_bytes, options.healing_interval, options.writable_changed}));
    if (access == rocks::Access::create) {
        TRY(rocks::stamp_format(options.directory));
    }
    state->committer =
        TRY(rocks::Committer::start(*state->database, options.clock, state->observers));
    return std::unique_ptr<RocksLedger>(new RocksLedger(std::move(state)));
}

Result<std::string> RocksLedger::salvage(const RocksLedgerOptions& options) {
    TRY(rocks::check_format(options.directory));
    const rocks::DirectoryLock lock = TRY(rocks::DirectoryLock::take(options.directory));
    const auto salvage =
        TRY(rocks::Database::salvage({.directory = options.directory, .clock = options.clock}));
    return cat("The log of ", options.directory, " is kept up to change ", salvage.kept, "; ",
               salvage.given_up, " acknowledged changes behind it are given up.");
}

RocksLedger::RocksLedger(std::unique_ptr<State> state) : state_(std::move(state)) {}

RocksLedger::~RocksLedger() = default;

bool RocksLedger::untouched() const {
    return state_->database->handle().GetLatestSequenceNumber() == 0;
}

Result<std::optional<Row>> RocksLedger::get(const RowKey& key) {
    if (key.table.size() > rocks::table_bytes_max ||
        key.partition.size() > rocks::partition_bytes_max) {
        return std::nullopt;
    }
    rocksdb::DB& db = state_->database->handle();
    rocksdb::PinnableSlice value;
    const auto status = db.Get({}, db.DefaultColumnFamily(), rocks::row_key(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    if (!status.ok()) {
        return fail(rocks::to_error(status));
    }
    return shown(key, value.ToStringView(), state_->options.clock.now());
}

Result<std::vector<std::optional<Row>>> RocksLedger::get_many(const std::vector<RowKey>& keys) {
    if (keys.size() > get_many_max) {
        return fail(errors::ledger_too_large,
                    cat("At most ", get_many_max, " rows can be read at once."));
    }
    std::vector<std::string> key_bytes;
    std::vector<rocksdb::Slice> slices;
    key_bytes.reserve(keys.size());
    for (const auto& key : keys) {
        slices.push_back(slice(key_bytes.emplace_back(rocks::row_key(key))));
    }
    rocksdb::DB& db = state_->database->handle();
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    db.MultiGet({}, db.DefaultColumnFamily(), keys.size(), slices.data(), values.data(),
                statuses.data());
    std::vector<std::optional<Row>> rows(keys.size());
    const Instant now = state_->options.clock.now();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (statuses[i].ok()) {
            rows[i] = TRY(shown(keys[i], values[i].ToStringView(), now));
        } else if (!statuses[i].IsNotFound()) {
            return fail(rocks::to_error(statuses[i]));
        }
    }
    return rows;
}

Result<Page> RocksLedger::query(const Query& query) {
    return rocks::run_query(*state_->database, query, state_->options.clock.now());
}

Result<void> RocksLedger::commit(const Transaction& transaction) {
    const auto prepared = TRY(rocks::Prepared::from(transaction, state_->options.subscriptions));
    return state_->committer->commit(prepared);
}

const std::vector<Subscription>& RocksLedger::subscriptions() const {
    return state_->options.subscriptions;
}

Result<std::optional<std::string>> RocksLedger::read(std::string_view key) const {
    return state_->database->get(rocks::outbox_key(key));
}

Result<std::vector<OutboxEntry>> RocksLedger::scan(std::string_view from, std::string_view before,
                                                   std::size_t count_max) const {
    const std::string lower = rocks::outbox_key(from);
    const std::string upper = rocks::outbox_key(before);
    const rocksdb::Slice upper_bound = slice(upper);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_bound;
    const std::unique_ptr<rocksdb::Iterator> at(state_->database->handle().NewIterator(options));
    std::vector<OutboxEntry> entries;
    for (at->Seek(slice(lower)); at->Valid() && entries.size() < count_max; at->Next()) {
        entries.push_back(
            {std::string(at->key().ToStringView().substr(1)), at->value().ToString()});
    }
    if (!at->status().ok()) {
        return fail(rocks::to_error(at->status()));
    }
    return entries;
}

Result<void> RocksLedger::write(const std::vector<OutboxWrite>& writes) {
    rocksdb::WriteBatch batch;
    for (const auto& write : writes) {
        const std::string key = rocks::outbox_key(write.key);
        const auto status = write.value ? batch.Put(key, *write.value) : batch.Delete(key);
        CHECK(status.ok());
    }
    auto outcome = state_->database->write(batch, rocks::Sync::no);
    if (!outcome) {
        outcome.error().code =
            errors::ledger_unavailable;  // The bus repeats what it is not sure of.
    }
    return outcome;
}

Result<void> RocksLedger::writable() { return state_->database->writable(); }

const std::string& RocksLedger::notice() const { return state_->database->notice(); }

void RocksLedger::observe(CommitObserver& observer) { state_->observers.add(observer); }

void RocksLedger::forget(CommitObserver& observer) { state_->observers.remove(observer); }

Result<int> RocksLedger::purge_expired(int limit) {
    const Instant now = state_->options.clock.now();
    const Instant low = state_->committer->expiry_low();
    // Erased entries below the watermark would have to be stepped over again and again.
    const std::string lower = rocks::expiry_start(low);
    const std::string upper = rocks::expiry_start(now + std::chrono::milliseconds(1));
    const rocksdb::Slice upper_bound = slice(upper);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_bound;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at(state_->database->handle().NewIterator(options));
    std::vector<std::string> keys;
    Instant reached = low;
    for (at->Seek(slice(lower)); at->Valid() && std::ssize(keys) < limit; at->Next()) {
        reached = rocks::instant_of_expiry(at->key().ToStringView());
        keys.emplace_back(rocks::row_key_of_expiry(at->key().ToStringView()));
    }
    if (!at->status().ok()) {
        return fail(rocks::to_error(at->status()));
    }
    if (keys.empty()) {
        return 0;
    }
    const int purged = TRY(state_->committer->purge(keys));
    // A commit that is under way may still write an entry that was not there to be seen.
    state_->committer->raise_expiry_low(low, std::min(reached, now - std::chrono::minutes(1)));
    return purged;
}

}  // namespace souk
