#include "adapters/ledger_rocksdb/committer.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "adapters/ledger_rocksdb/database.h"
#include "adapters/ledger_rocksdb/key_codec.h"
#include "domain/base/text.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

/// What a batch holds before the next one begins: bounds the memory and how long the first waits
/// for the last.
constexpr std::size_t batch_bytes_max = 8 * 1024 * 1024;

static_assert(sizeof(std::atomic<int>) == sizeof(int) && std::atomic<int>::is_always_lock_free);

/// std::atomic::wait yields the processor several times before it sleeps; with many waiting for one
/// disk write that is most of what waiting costs. So these two call the kernel themselves.
void sleep_until_set(std::atomic<int>& word) {
    while (word.load(std::memory_order_acquire) == 0) {
        ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
}
void set_and_wake_all(std::atomic<int>& word) {
    word.store(1, std::memory_order_release);
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, std::numeric_limits<int>::max(), nullptr,
              nullptr, 0);
}

}  // namespace

void CommitObservers::add(CommitObserver& observer) {
    const std::lock_guard lock(mutex_);
    observers_.push_back(&observer);
}

void CommitObservers::remove(CommitObserver& observer) {
    const std::lock_guard lock(mutex_);
    std::erase(observers_, &observer);
}

void CommitObservers::tell(const Transaction& transaction) noexcept {
    const std::lock_guard lock(mutex_);
    for (CommitObserver* observer : observers_) {
        observer->committed(transaction);
    }
}

Result<std::unique_ptr<Committer>> Committer::start(Database& database, Clock& clock,
                                                    CommitObservers& observers) {
    const auto stored = TRY(database.get(sequence_key()));
    if (stored && stored->size() != sizeof(std::uint64_t)) {
        return fail(errors::corrupt_row, "The ledger's record of its last sequence is damaged.");
    }
    const std::uint64_t sequence = stored ? from_ordered_bytes(*stored) : 0;
    return std::unique_ptr<Committer>(new Committer(database, clock, observers, sequence));
}

Committer::Committer(Database& database, Clock& clock, CommitObservers& observers,
                     std::uint64_t sequence)
    : database_(database),
      clock_(clock),
      observers_(observers),
      sequence_(sequence),
      thread_([this] { run(); }) {}

Committer::~Committer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    submitted_.notify_one();
    thread_.join();
}

Result<void> Committer::commit(const Prepared& prepared) {
    Work work;
    work.prepared = &prepared;
    submit(work, prepared.bytes);
    return std::move(work.outcome);
}

Result<int> Committer::purge(const std::vector<std::string>& row_keys) {
    Work work;
    work.row_keys = &row_keys;
    submit(work, 0);
    TRY(std::move(work.outcome));
    return work.purged;
}

Instant Committer::expiry_low() const { return Instant::from_unix_ms(expiry_low_ms_.load()); }

void Committer::raise_expiry_low(Instant seen, Instant reached) {
    std::int64_t expected = seen.unix_ms();
    expiry_low_ms_.compare_exchange_strong(expected, reached.unix_ms());
}

void Committer::submit(Work& work, std::size_t bytes) {
    std::shared_ptr<Batch> batch;
    {
        const std::lock_guard lock(mutex_);
        CHECK(!stopping_);
        if (waiting_.empty() || waiting_.back()->bytes + bytes > batch_bytes_max) {
            waiting_.push_back(std::make_shared<Batch>());
        }
        batch = waiting_.back();
        batch->works.push_back(&work);
        batch->bytes += bytes;
    }
    submitted_.notify_one();
    sleep_until_set(batch->answered);
}

void Committer::run() {
    while (const auto batch = next()) {
        process(*batch);
        set_and_wake_all(batch->answered);
    }
}

std::shared_ptr<Committer::Batch> Committer::next() {
    std::unique_lock lock(mutex_);
    submitted_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) {
        return nullptr;
    }
    auto batch = std::move(waiting_.front());
    waiting_.pop_front();
    return batch;
}

void Committer::process(Batch& batch) {
    Staging staging(database_, clock_.now(), sequence_);
    for (Work* work : batch.works) {
        stage(*work, staging);
    }
    const Result<void> outcome = write(staging, batch);
    if (!outcome) {
        // Refusals count for nothing either: they may rest on commits of this very batch.
        for (Work* work : batch.works) {
            work->outcome = std::unexpected(outcome.error());
        }
        return;
    }
    for (const Work* work : batch.works) {
        if (work->took_effect) {
            observers_.tell(*work->prepared->transaction);
        }
    }
}

void Committer::stage(Work& work, Staging& staging) const {
    if (work.row_keys != nullptr) {
        auto purged = staging.purge(*work.row_keys);
        if (purged) {
            work.purged = *purged;
        } else {
            work.outcome = std::unexpected(std::move(purged).error());
        }
        return;
    }
    auto effect = staging.commit(*work.prepared);
    if (effect) {
        work.took_effect = *effect == Staging::Effect::staged;
    } else {
        work.outcome = std::unexpected(std::move(effect).error());
    }
}

Result<void> Committer::write(Staging& staging, const Batch& batch) {
    rocksdb::WriteBatch* changes = staging.finished();
    if (changes == nullptr) {
        return {};
    }
    const bool all_relaxed = std::ranges::all_of(batch.works, [](const Work* work) {
        return !work->took_effect || work->prepared->transaction->durability == Durability::relaxed;
    });
    if (const auto earliest = staging.earliest_expiry()) {
        lower_expiry_low(*earliest);
    }
    return database_.write(*changes, all_relaxed ? Sync::no : Sync::yes);
}

void Committer::lower_expiry_low(Instant written) {
    std::int64_t low = expiry_low_ms_.load();
    while (written.unix_ms() < low &&
           !expiry_low_ms_.compare_exchange_weak(low, written.unix_ms())) {
    }
}

}  // namespace souk::rocks
