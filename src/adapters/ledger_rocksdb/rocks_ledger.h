#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/clock.h"
#include "domain/ports/ledger.h"
#include "domain/ports/outbox.h"

namespace souk {

struct RocksLedgerOptions {
    std::string directory;  // The ledger's alone.
    Clock& clock;           // Outlives the ledger.
    std::vector<Subscription> subscriptions = {};
    std::size_t block_cache_bytes = 16 * 1024 * 1024;
    std::size_t write_buffer_bytes = 8 * 1024 * 1024;
    /// How often, after a failed write, a commit may try to bring the ledger back.
    std::chrono::milliseconds healing_interval{1'000};
    /// Told when commits begin to be refused, with the cause, and when they are taken again. From
    /// any thread; must be quick and must not call the ledger.
    std::function<void(const Result<void>& writable)> writable_changed = [](const auto&) {};
};

/// One of the backups in a folder.
struct LedgerBackup {
    std::uint32_t number;         // They count up.
    std::optional<Instant> made;  // Unknown of one that is not whole.
    std::uint64_t bytes = 0;      // What its files come to; backups share those that are the same.
    bool whole = true;            // No file of it is missing or cut short.
};

/// The embedded ledger: one process's rows, indexes and queues in one RocksDB, durable before it
/// answers. Thread-safe. All uses must have ended before it is destroyed.
class RocksLedger final : public Ledger, public Outbox {
public:
    /// Opens the ledger in a directory, or makes one in an empty directory.
    /// Errors: ledger_unavailable (another souk runs on it, it is something else, a newer souk
    /// wrote it, no right or room), corrupt_row (a file is damaged or lacks what was acknowledged;
    /// nothing was changed).
    static Result<std::unique_ptr<RocksLedger>> open(const RocksLedgerOptions& options);
    ~RocksLedger() override;

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override;
    [[nodiscard]] Result<Page> query(const Query& query) override;
    /// After a full disk all commits fail with ledger_unavailable until there is room again; a
    /// commit then brings the ledger back, one try in `healing_interval`. After any other failed
    /// write: until it is reopened.
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override;

    [[nodiscard]] const std::vector<Subscription>& subscriptions() const override;
    [[nodiscard]] Result<std::optional<std::string>> read(std::string_view key) const override;
    [[nodiscard]] Result<std::vector<OutboxEntry>> scan(std::string_view from,
                                                        std::string_view before,
                                                        std::size_t count_max) const override;
    [[nodiscard]] Result<void> write(const std::vector<OutboxWrite>& writes) override;
    /// Ok, or why commits are refused; looks whether the cause is gone, one try in
    /// `healing_interval`. For whoever asks when nobody commits.
    [[nodiscard]] Result<void> writable();
    /// What the operator should hear of how it was opened; empty: nothing.
    [[nodiscard]] const std::string& notice() const;
    void observe(CommitObserver& observer) override;
    void forget(CommitObserver& observer) override;

    /// Erases rows past their expiry, oldest first, at most `limit`; tells how many. For a timer:
    /// the cost is that of what it erases, whatever else the ledger holds.
    [[nodiscard]] Result<int> purge_expired(int limit);

    /// Whether nothing was ever written: it was made by this opening, or by one that went no
    /// further.
    [[nodiscard]] bool untouched() const;

    /// Adds the state of this moment to the backups in `directory`, verifies it, and keeps the
    /// newest `backups_kept`; tells its number. Serving goes on meanwhile; two at once into one
    /// directory would hurt each other. Errors: ledger_unavailable. Repeat: copies only what is new
    /// since the last.
    [[nodiscard]] Result<std::uint32_t> backup(const std::string& directory);
    /// Those in `directory`, the oldest first. Errors: ledger_unavailable.
    [[nodiscard]] static Result<std::vector<LedgerBackup>> backups(const std::string& directory);
    /// Makes `data_directory`, which must be empty or missing, what the backup of that number
    /// holds; without one the newest, which must be whole: never silently an older one. Tells
    /// which it was. Errors: ledger_unavailable, corrupt_row; the target is then as it was.
    [[nodiscard]] static Result<LedgerBackup> restore(
        const std::string& backup_directory, const std::string& data_directory,
        std::optional<std::uint32_t> number = std::nullopt);
    static constexpr int backups_kept = 7;

    /// For a log that `open` refuses and that no backup replaces: gives up, for good, what cannot
    /// be read behind the last whole change. Tells what that costs, in a sentence. Errors:
    /// corrupt_row (more than the log is damaged), ledger_unavailable (a souk is running on it).
    static Result<std::string> salvage(const RocksLedgerOptions& options);

private:
    struct State;
    explicit RocksLedger(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace souk
