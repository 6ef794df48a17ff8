#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/ledger_rocksdb/staging.h"
#include "domain/ports/clock.h"
#include "domain/ports/ledger.h"

namespace souk::rocks {

class Database;

/// Who is told of commits. Thread-safe.
class CommitObservers {
public:
    void add(CommitObserver& observer);
    /// Returns once no call to the observer is under way.
    void remove(CommitObserver& observer);
    void tell(const Transaction& transaction) noexcept;

private:
    std::mutex mutex_;
    std::vector<CommitObserver*> observers_;
};

/// The one thread that writes: it takes all waiting commits at once, decides them in order, writes
/// one batch with one sync, tells the observers and answers everybody. So throughput grows with
/// concurrency, and no commit ever waits for another's lock.
class Committer {
public:
    /// Errors: corrupt_row, ledger_unavailable.
    static Result<std::unique_ptr<Committer>> start(Database& database, Clock& clock,
                                                    CommitObservers& observers);
    /// Finishes what was submitted. Nobody may submit any more.
    ~Committer();
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    /// Blocks until the transaction is decided and, if it took effect, durable and told.
    [[nodiscard]] Result<void> commit(const Prepared& prepared);
    /// Erases those of the rows that are past their expiry; tells how many. Relaxed.
    [[nodiscard]] Result<int> purge(const std::vector<std::string>& row_keys);

    /// No expiry entry below this instant has been written since it was last raised.
    [[nodiscard]] Instant expiry_low() const;
    /// Says that entries below `reached` are gone, unless an earlier one was written since `seen`
    /// was read.
    void raise_expiry_low(Instant seen, Instant reached);

private:
    /// One caller's wish, on the caller's stack until it is answered.
    struct Work {
        const Prepared* prepared = nullptr;                  // Or else:
        const std::vector<std::string>* row_keys = nullptr;  // rows to purge.
        Result<void> outcome;
        int purged = 0;
        bool took_effect = false;
    };
    /// Works that are answered together: all wait on one word, so one system call wakes them.
    struct Batch {
        std::vector<Work*> works;
        std::size_t bytes = 0;
        std::atomic<int> answered = 0;
    };

    Committer(Database& database, Clock& clock, CommitObservers& observers, std::uint64_t sequence);
    void submit(Work& work, std::size_t bytes);
    void run();
    [[nodiscard]] std::shared_ptr<Batch> next();
    void process(Batch& batch);
    void stage(Work& work, Staging& staging) const;
    [[nodiscard]] Result<void> write(Staging& staging, const Batch& batch);
    void lower_expiry_low(Instant written);

    Database& database_;
    Clock& clock_;
    CommitObservers& observers_;
    std::uint64_t sequence_;  // Of arrivals; the committer's thread alone.
    std::atomic<std::int64_t> expiry_low_ms_ = 0;

    std::mutex mutex_;
    std::condition_variable submitted_;
    std::deque<std::shared_ptr<Batch>> waiting_;
    bool stopping_ = false;
    std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace souk::rocks
