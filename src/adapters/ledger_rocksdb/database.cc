#include "adapters/ledger_rocksdb/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include "adapters/ledger_rocksdb/key_codec.h"
#include "adapters/ledger_rocksdb/log_check.h"
#include "domain/base/text.h"
#include "domain/ports/ledger.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

constexpr std::size_t instant_bytes = 8;
constexpr std::string_view disk_full =
    "The disk is full: nothing can be written until there is room.";

/// Drops tokens past their life whenever files are rewritten anyway, so nobody has to delete them.
class OldTokens final : public rocksdb::CompactionFilter {
public:
    explicit OldTokens(Clock& clock) : clock_(clock) {}

    bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& existing, std::string*,
                bool*) const override {
        return !key.empty() && key[0] == static_cast<char>(Area::token) &&
               !token_alive({existing.data(), existing.size()}, clock_.now());
    }
    [[nodiscard]] const char* Name() const override { return "souk.old_tokens"; }

private:
    Clock& clock_;
};

/// Keeps no log file. RocksDB's own logger aborts the process (an assertion of its file writer,
/// which Debian's build has on) when it goes on logging after the disk was full once; what fails
/// reaches us as a status anyway.
class NoLog final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

/// After a failed write the database comes back when a write of ours finds room again
/// (Database::healed), not by threads of RocksDB's that try for ever and make our own try fail as
/// "busy".
class NoRecoveryUnasked final : public rocksdb::EventListener {
public:
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                              bool* auto_recovery) override {
        *auto_recovery = false;
    }
};

/// Index and filter blocks live in the cache too, so the cache is the bound of what reads may hold.
/// They are cut into small parts: of a ledger whose filters together exceed the cache, a look would
/// otherwise read and check a file's whole filter, a hundred times a part.
rocksdb::BlockBasedTableOptions table_options(const DatabaseOptions& options) {
    constexpr int shard_bits = 2;
    constexpr double share_of_indexes = 0.5;
    constexpr double bloom_bits = 10;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache =
        rocksdb::NewLRUCache(options.block_cache_bytes, shard_bits, false, share_of_indexes);
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.pin_top_level_index_and_filter = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits));
    table.format_version = 5;
    table.whole_key_filtering = true;
    return table;
}

rocksdb::Options database_options(const DatabaseOptions& options) {
    rocksdb::Options settings;
    settings.paranoid_checks = true;
    // Damage is refused rather than skipped; what check_log knows to be a crash's is let pass.
    settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    settings.write_buffer_size = options.write_buffer_bytes;
    settings.max_write_buffer_number = 3;
    settings.max_total_wal_size = 8 * options.write_buffer_bytes;
    settings.memtable_prefix_bloom_size_ratio = 0.05;
    settings.memtable_whole_key_filtering = true;
    settings.target_file_size_base = 2 * options.write_buffer_bytes;
    settings.max_bytes_for_level_base = 8 * options.write_buffer_bytes;
    settings.level_compaction_dynamic_level_bytes = true;
    settings.compression = rocksdb::kLZ4Compression;
    settings.max_open_files = 256;
    settings.max_background_jobs = 2;
    settings.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
    settings.max_bgerror_resume_count = 0;
    settings.listeners.push_back(std::make_shared<NoRecoveryUnasked>());
    // No periodic threads: an idle ledger does nothing.
    settings.stats_dump_period_sec = 0;
    settings.stats_persist_period_sec = 0;
    settings.info_log = std::make_shared<NoLog>();
    settings.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
    settings.max_manifest_file_size = 16 * 1024 * 1024;
    settings.skip_stats_update_on_db_open = true;
    return settings;
}

/// Resuming begins a new log only if there is something to flush; with nothing, RocksDB 7.8 goes on
/// with the log that the failed write has cut short, and aborts the process at the next one. Then
/// a restart has to bring the ledger back.
bool can_resume(rocksdb::DB& db) {
    std::uint64_t unflushed = 0;
    return db.GetIntProperty(rocksdb::DB::Properties::kNumEntriesActiveMemTable, &unflushed) &&
           unflushed > 0;
}

}  // namespace

std::string encode_token_time(Instant committed) {
    return ordered_bytes(static_cast<std::uint64_t>(committed.unix_ms()));
}

bool token_alive(std::string_view value, Instant now) {
    if (value.size() != instant_bytes) {
        return false;
    }
    const auto ms = static_cast<std::int64_t>(from_ordered_bytes(value));
    return Instant::from_unix_ms(ms) + token_life > now;
}

Error to_error(const rocksdb::Status& status) {
    if (status.IsNoSpace()) {
        return {errors::ledger_unavailable, std::string(disk_full)};
    }
    if (status.IsCorruption()) {
        return {errors::corrupt_row, cat("The ledger's files are damaged: ", status.ToString())};
    }
    return {errors::ledger_unavailable, "The ledger's disk failed."};
}

Error in_full(const rocksdb::Status& status) {
    Error error = to_error(status);
    if (!status.IsCorruption()) {
        error.detail += cat(" (", status.ToString(), ")");
    }
    return error;
}

Database::Database(const DatabaseOptions& options)
    : room_(options.directory),
      healing_interval_(options.healing_interval),
      writable_changed_(options.writable_changed) {}

Database::~Database() {
    if (db_ == nullptr) {
        return;
    }
    if (mark_ && !failed_) {
        // Relaxed writes become durable with an orderly end. Never after a failed write: the log's
        // file must not be touched again.
        if (db_->FlushWAL(true).ok()) {
            mark_->raise(db_->GetLatestSequenceNumber());
        }
    }
    static_cast<void>(db_->Close());
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    std::unique_ptr<Database> database(new Database(options));
    database->old_tokens_ = std::make_unique<OldTokens>(options.clock);
    rocksdb::Options settings = database_options(options);
    settings.compaction_filter = database->old_tokens_.get();
    settings.create_if_missing = options.access == Access::create;
    if (options.access == Access::read_write) {
        Opening opening =
            TRY(check_log(settings, options.directory, DurableMark::read(options.directory)));
        if (opening.tail == Tail::torn) {
            settings.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
        }
        database->recovery_ = stop_at_gaps();
        settings.wal_filter = database->recovery_.get();
        database->notice_ = std::move(opening.notice);
    }
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(settings, options.directory, &db);
    if (!status.ok()) {
        return fail(open_error(status, options.directory));
    }
    database->db_.reset(db);
    database->mark_.emplace(TRY(DurableMark::open(options.directory)));
    return database;
}

Result<Database::Salvage> Database::salvage(const DatabaseOptions& options) {
    const std::uint64_t end = TRY(readable_end(database_options(options), options.directory));
    const std::uint64_t durable = DurableMark::read(options.directory).value_or(end);
    TRY(DurableMark::write(options.directory, end));
    return Salvage{end, durable > end ? durable - end : 0};
}

Result<std::optional<std::string>> Database::get(std::string_view key) const {
    std::string value;
    const rocksdb::Status status = db_->Get({}, {key.data(), key.size()}, &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    if (!status.ok()) {
        return fail(to_error(status));
    }
    return value;
}

Result<void> Database::write(rocksdb::WriteBatch& batch, Sync sync) {
    TRY(writable());
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::yes;
    const rocksdb::Status status = db_->Write(options, &batch);
    if (!status.ok()) {
        return fail(failure(status));
    }
    if (sync == Sync::yes) {
        mark_->raise(last_change(batch));
    }
    return {};
}

Error Database::failure(const rocksdb::Status& status) {
    Error error = to_error(status);
    const std::lock_guard lock(healing_);
    cause_ = error;
    next_healing_ = std::chrono::steady_clock::now() + healing_interval_;
    if (!failed_.exchange(true)) {
        writable_changed_(fail(in_full(status)));
    }
    if (!status.IsNoSpace()) {
        error.code = errors::unknown_outcome;
    }
    return error;
}

Result<void> Database::writable() {
    TRY(roomy());
    return healed();
}

Result<void> Database::roomy() {
    const bool enough = room_.enough();
    if (enough != roomy_.exchange(enough)) {
        writable_changed_(
            enough ? Result<void>{}
                   : fail(errors::ledger_unavailable, cat(disk_full, " ", room_.in_words(), ".")));
    }
    return enough ? Result<void>{} : fail(errors::ledger_unavailable, std::string(disk_full));
}

Result<void> Database::healed() {
    if (!failed_) [[likely]] {
        return {};
    }
    const std::lock_guard lock(healing_);
    const auto now = std::chrono::steady_clock::now();
    if (failed_ && now >= next_healing_ && can_resume(*db_)) {
        next_healing_ = now + healing_interval_;
        const rocksdb::Status status = db_->Resume();
        failed_ = !status.ok();
        if (status.ok()) {
            writable_changed_({});
        } else {
            cause_ = to_error(status);
        }
    }
    if (!failed_) {
        return {};
    }
    return fail(cause_);
}

}  // namespace souk::rocks
