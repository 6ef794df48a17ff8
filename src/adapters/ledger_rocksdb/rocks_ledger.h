#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/ports/clock.h"
#include "domain/ports/ledger.h"
#include "domain/ports/outbox.h"

namespace souk {

struct RocksLedgerOptions {
    enum class Access {
        read_write,
        read_only,  // Beside a running souk: sees what was committed when it was opened; refuses
                    // commits.
    };

    std::string directory;  // The ledger's alone.
    Clock& clock;           // Outlives the ledger.
    std::vector<Subscription> subscriptions = {};
    Access access = Access::read_write;
    std::size_t block_cache_bytes = 16 * 1024 * 1024;
    std::size_t write_buffer_bytes = 8 * 1024 * 1024;
    /// How often, after a failed write, a commit may try to bring the ledger back.
    std::chrono::milliseconds healing_interval{1'000};
    /// Told when commits begin to be refused, with the cause, and when they are taken again. From
    /// any thread; must be quick and must not call the ledger.
    std::function<void(const Result<void>& writable)> writable_changed = [](const auto&) {};
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

    /// Adds the state of this moment to the backups in `directory`, verifies it, and keeps the
    /// newest `backups_kept`. Serving goes on meanwhile. Errors: ledger_unavailable. Repeat: copies
    /// only what is new since the last.
    [[nodiscard]] Result<void> backup(const std::string& directory);
    /// Makes `data_directory`, which must be empty or missing, what the newest backup holds.
    /// Errors: ledger_unavailable, corrupt_row; the target is then unusable and can be deleted.
    [[nodiscard]] static Result<void> restore(const std::string& backup_directory,
                                              const std::string& data_directory);
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
