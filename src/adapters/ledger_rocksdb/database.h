#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/ports/clock.h"

namespace rocksdb {
class CompactionFilter;
class DB;
class Status;
class WriteBatch;
}  // namespace rocksdb

/// RocksDB, opened the way the ledger needs it, with its failures in our words.
namespace souk::rocks {

/// `create` makes a database where none is; the other two never do, so that a ledger which has lost
/// a file is not taken for a new one.
enum class Access { create, read_write, read_only };

/// How long the token of a commit is remembered.
inline constexpr std::chrono::minutes token_life{10};
[[nodiscard]] std::string encode_token_time(Instant committed);
/// Whether a token stored with this value still counts.
[[nodiscard]] bool token_alive(std::string_view value, Instant now);

struct DatabaseOptions {
    std::string directory;
    Clock& clock;
    Access access = Access::read_write;
    std::size_t block_cache_bytes = 16 * 1024 * 1024;
    std::size_t write_buffer_bytes = 8 * 1024 * 1024;
    std::chrono::milliseconds healing_interval{1'000};
};

enum class Sync { yes, no };

/// The open database. Thread-safe. Closed by its destruction.
class Database {
public:
    /// Errors: corrupt_row (a damaged file), ledger_unavailable (all else).
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The value, or nothing. Errors: corrupt_row, ledger_unavailable.
    [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const;
    /// All or nothing; on the disk when it returns, if `sync` says so. After a failure all writes
    /// are refused until the cause is gone, for which one of them looks in each healing_interval.
    /// Errors: ledger_unavailable when the disk is full (the log's record is cut short and never
    /// read again), unknown_outcome for any other failure (the record may have reached the disk,
    /// and a restart would find it).
    [[nodiscard]] Result<void> write(rocksdb::WriteBatch& batch, Sync sync);
    [[nodiscard]] rocksdb::DB& handle() const { return *db_; }
    [[nodiscard]] Access access() const { return access_; }

private:
    explicit Database(const DatabaseOptions& options);
    [[nodiscard]] Result<void> healed();
    [[nodiscard]] Error failure(const rocksdb::Status& status);

    std::unique_ptr<rocksdb::CompactionFilter> old_tokens_;  // Outlives db_.
    std::unique_ptr<rocksdb::DB> db_;
    Access access_;
    const std::chrono::milliseconds healing_interval_;

    std::atomic<bool> failed_ = false;  // A write failed, and none is taken until healed.
    std::mutex healing_;                // Guards the two below.
    Error cause_{errors::unavailable, {}};
    std::chrono::steady_clock::time_point next_healing_;
};

/// A failed status in our words. Requires that it is not ok.
[[nodiscard]] Error to_error(const rocksdb::Status& status);

}  // namespace souk::rocks
