#include "adapters/memory/memory_ledger.h"

#include <algorithm>
#include <chrono>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::chrono::minutes token_life{10};

std::unexpected<Error> conflict(std::size_t position, std::string_view code, std::string detail) {
    return fail(Error{
        errors::ledger_conflict, detail, {{cat("/writes/", position), std::string(code), detail}}});
}

bool holds(const Expect& expect, const Row* row) {
    switch (expect.kind) {
        case Expect::Kind::absent: return row == nullptr;
        case Expect::Kind::present: return row != nullptr;
        case Expect::Kind::version: return row != nullptr && row->version == expect.version;
        case Expect::Kind::any: return true;
    }
    return false;
}

const Expect& expectation_of(const Write& write) {
    return std::visit([](const auto& w) -> const Expect& { return w.expect; }, write);
}

/// The counters after the changes, or nothing if one would pass its floor or overflow.
std::optional<Counters> changed(const Row* row, const std::vector<CounterChange>& changes) {
    Counters counters = row ? row->counters : Counters{};
    for (const auto& change : changes) {
        std::int64_t& counter = counters[change.name];
        if (__builtin_add_overflow(counter, change.delta, &counter) ||
            (change.floor && counter < *change.floor)) {
            return std::nullopt;
        }
    }
    return counters;
}

}  // namespace

MemoryLedger::MemoryLedger(Clock& clock, std::vector<Subscription> subscriptions)
    : clock_(clock), subscriptions_(std::move(subscriptions)) {}

Result<std::optional<Row>> MemoryLedger::get(const RowKey& key) {
    const std::lock_guard lock(mutex_);
    const Row* row = alive(key);
    return row ? std::optional(*row) : std::nullopt;
}

Result<std::vector<std::optional<Row>>> MemoryLedger::get_many(const std::vector<RowKey>& keys) {
    if (keys.size() > get_many_max) {
        return fail(errors::ledger_too_large,
                    cat("At most ", get_many_max, " rows can be read at once."));
    }
    const std::lock_guard lock(mutex_);
    std::vector<std::optional<Row>> found;
    for (const auto& key : keys) {
        const Row* row = alive(key);
        found.push_back(row ? std::optional(*row) : std::nullopt);
    }
    return found;
}

Result<void> MemoryLedger::commit(const Transaction& transaction) {
    TRY(check_limits(transaction));
    const std::lock_guard lock(mutex_);
    if (commits_to_refuse_ > 0) {
        --commits_to_refuse_;
        return fail(*refusal_, "The test asked for this refusal.");
    }
    forget_old_tokens();
    if (!transaction.token.empty() && tokens_.contains(transaction.token)) {
        return {};
    }
    TRY(check(transaction));
    for (const auto& write : transaction.writes) {
        apply(write);
    }
    std::ranges::copy(transaction.events, std::back_inserter(events_));
    if (!transaction.token.empty()) {
        tokens_.emplace(transaction.token, clock_.now());
    }
    for (CommitObserver* observer : observers_) {
        observer->committed(transaction);
    }
    if (answers_to_lose_ > 0) {
        --answers_to_lose_;
        return fail(errors::unknown_outcome, "The test asked for this answer to be lost.");
    }
    return {};
}

void MemoryLedger::observe(CommitObserver& observer) {
    const std::lock_guard lock(mutex_);
    observers_.push_back(&observer);
}

void MemoryLedger::forget(CommitObserver& observer) {
    const std::lock_guard lock(mutex_);
    std::erase(observers_, &observer);
}

void MemoryLedger::lose_answers(int commits) {
    const std::lock_guard lock(mutex_);
    answers_to_lose_ = commits;
}

void MemoryLedger::refuse(int commits, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    commits_to_refuse_ = commits;
    refusal_ = code;
}

std::vector<Row> MemoryLedger::rows() const {
    const std::lock_guard lock(mutex_);
    std::vector<Row> all;
    for (const auto& [key, row] : rows_) {
        if (alive(key) != nullptr) {
            all.push_back(row);
        }
    }
    return all;
}

std::vector<Event> MemoryLedger::events() const {
    const std::lock_guard lock(mutex_);
    return events_;
}

const Row* MemoryLedger::alive(const RowKey& key) const {
    const auto found = rows_.find(key);
    if (found == rows_.end()) {
        return nullptr;
    }
    const Row& row = found->second;
    return row.expires && *row.expires <= clock_.now() ? nullptr : &row;
}

Result<void> MemoryLedger::check(const Transaction& transaction) const {
    for (std::size_t i = 0; i < transaction.writes.size(); ++i) {
        const Write& write = transaction.writes[i];
        const RowKey& key = key_of(write);
        const Row* row = alive(key);
        if (!holds(expectation_of(write), row)) {
            return conflict(i, "expectation_failed",
                            cat("The row ", key.partition, " / ", key.sort,
                                " is not as the transaction expects it."));
        }
        const auto* add = std::get_if<Add>(&write);
        if (add != nullptr && !changed(row, add->changes)) {
            return conflict(i, "floor_reached",
                            cat("A counter of the row ", key.partition, " / ", key.sort,
                                " would pass its floor."));
        }
    }
    return {};
}

void MemoryLedger::apply(const Write& write) {
    const Row* former = alive(key_of(write));
    if (const auto* put = std::get_if<Put>(&write)) {
        Row row = put->row;
        row.version = former ? former->version + 1 : 1;
        if (former != nullptr) {
            row.counters = former->counters;
        }
        replace(std::move(row));
    } else if (const auto* erase = std::get_if<Erase>(&write)) {
        remove(erase->key);
    } else if (const auto* add = std::get_if<Add>(&write)) {
        Row row = former ? *former : Row{};
        row.key = add->key;
        row.counters = *changed(former, add->changes);
        replace(std::move(row));
    }
}

void MemoryLedger::replace(Row row) {
    remove(row.key);
    for (std::size_t i = 0; i < row.index.size(); ++i) {
        if (row.index[i]) {
            index_[i].insert({row.key.table, *row.index[i], row.key});
        }
    }
    const RowKey key = row.key;
    rows_.emplace(key, std::move(row));
}

void MemoryLedger::remove(const RowKey& key) {
    const auto found = rows_.find(key);
    if (found == rows_.end()) {
        return;
    }
    for (std::size_t i = 0; i < index_.size(); ++i) {
        if (found->second.index[i]) {
            index_[i].erase({key.table, *found->second.index[i], key});
        }
    }
    rows_.erase(found);
}

void MemoryLedger::forget_old_tokens() {
    std::erase_if(tokens_,
                  [&](const auto& token) { return token.second + token_life <= clock_.now(); });
}

}  // namespace souk
