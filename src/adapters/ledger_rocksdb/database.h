#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/ledger_rocksdb/disk_room.h"
#include "adapters/ledger_rocksdb/durable_mark.h"
#include "domain/base/error.h"
#include "domain/ports/clock.h"

namespace rocksdb {
class CompactionFilter;
class DB;
class Status;
class WalFilter;
class WriteBatch;
}  // namespace rocksdb

/// RocksDB, opened the way the ledger needs it, with its failures in our words.
namespace souk::rocks {

/// `create` makes a database where none is; the other never does, so that a ledger which has lost a
/// file is not taken for a new one.
enum class Access { create, read_write };

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
    /// Told when writes begin to be refused, with the cause, and when they are taken again.
    std::function<void(const Result<void>& writable)> writable_changed = [](const auto&) {};
};

enum class Sync { yes, no };

/// The open database. Thread-safe. Closed by its destruction.
class Database {
public:
    /// Errors: corrupt_row (a damaged file, or a log that lacks what was acknowledged; nothing was
    /// changed), ledger_unavailable (all else).
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
    struct Salvage {
        std::uint64_t kept = 0;      // The last change that is left.
        std::uint64_t given_up = 0;  // How many behind it are known to have been acknowledged.
    };
    /// Sets the mark beside the log to the last change that can be read, so that the next opening
    /// drops what is behind it. Errors: corrupt_row, ledger_unavailable.
    static Result<Salvage> salvage(const DatabaseOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The value, or nothing. Errors: corrupt_row, ledger_unavailable.
    [[nodiscard]] Result<std::optional<std::string>> get(std::string_view key) const;
    /// All or nothing; on the disk when it returns, if `sync` says so. After a failure all writes
    /// are refused until the cause is gone, for which one of them looks in each healing_interval.
    /// Errors: ledger_unavailable when the disk is full or nearly so (the log's record is cut short
    /// and never read again), unknown_outcome for any other failure (the record may have reached
    /// the disk, and a restart would find it).
    [[nodiscard]] Result<void> write(rocksdb::WriteBatch& batch, Sync sync);
    /// Ok, or why writes are refused; looks whether the cause is gone, as a write would.
    [[nodiscard]] Result<void> writable();
    /// What the operator should hear of the opening; empty: nothing.
    [[nodiscard]] const std::string& notice() const { return notice_; }
    [[nodiscard]] rocksdb::DB& handle() const { return *db_; }

private:
    explicit Database(const DatabaseOptions& options);
    [[nodiscard]] Error failure(const rocksdb::Status& status);
    [[nodiscard]] Result<void> roomy();
    [[nodiscard]] Result<void> healed();

    std::unique_ptr<rocksdb::CompactionFilter> old_tokens_;  // These two outlive db_.
    std::unique_ptr<rocksdb::WalFilter> recovery_;
    std::unique_ptr<rocksdb::DB> db_;
    std::optional<DurableMark> mark_;  // Once it is open.
    std::string notice_;
    DiskRoom room_;
    std::atomic<bool> roomy_ = true;
    const std::chrono::milliseconds healing_interval_;
    const std::function<void(const Result<void>&)> writable_changed_;

    std::atomic<bool> failed_ = false;  // A write failed, and none is taken until healed.
    std::mutex healing_;                // Guards the two below.
    Error cause_{errors::unavailable, {}};
    std::chrono::steady_clock::time_point next_healing_;
};

/// A failed status in our words, which clients may read: without paths, unless files are damaged
/// (those words no client is shown). Requires that it is not ok.
[[nodiscard]] Error to_error(const rocksdb::Status& status);
/// The same for the operator, with RocksDB's own words.
[[nodiscard]] Error in_full(const rocksdb::Status& status);

}  // namespace souk::rocks
