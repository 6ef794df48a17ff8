#pragma once

#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "domain/ports/clock.h"
#include "domain/ports/ledger.h"

namespace souk {

/// The whole Ledger contract in memory: for unit tests, and for nothing that must survive the
/// process. Thread-safe.
class MemoryLedger final : public Ledger {
public:
    /// `subscriptions` say which queues a MemoryBus on this ledger has. `clock` outlives the
    /// ledger.
    explicit MemoryLedger(Clock& clock, std::vector<Subscription> subscriptions = {});

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override;
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override;
    [[nodiscard]] Result<Page> query(const Query& query) override;
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override;

    /// Tells `observer` of every commit from now on, until `forget`.
    void observe(CommitObserver& observer);
    void forget(CommitObserver& observer);
    [[nodiscard]] const std::vector<Subscription>& subscriptions() const { return subscriptions_; }

    /// The next `commits` commits happen, but answer unknown_outcome. For tests of callers.
    void lose_answers(int commits);
    /// The next `commits` commits do not happen and answer `code`. For tests of callers.
    void refuse(int commits, ErrorCode code);

    /// Every row that is there now, expired ones aside, in key order: "nothing was written" is
    /// equality of two.
    [[nodiscard]] std::vector<Row> rows() const;
    /// The events of all commits so far, in order.
    [[nodiscard]] std::vector<Event> events() const;

private:
    struct IndexEntry {
        std::string table;
        IndexKey at;
        RowKey key;
        friend auto operator<=>(const IndexEntry&, const IndexEntry&) = default;
    };

    [[nodiscard]] const Row* alive(const RowKey& key) const;
    [[nodiscard]] Result<void> check(const Transaction& transaction) const;
    void apply(const Write& write);
    void replace(Row row);
    void remove(const RowKey& key);
    void forget_old_tokens();
    [[nodiscard]] Page rows_page(const Query& query, const std::optional<IndexEntry>& after) const;
    [[nodiscard]] Page index_page(const Query& query, const std::optional<IndexEntry>& after) const;
    [[nodiscard]] Page page_of(const Query& query, const std::optional<IndexEntry>& after,
                               std::vector<IndexEntry> range) const;

    Clock& clock_;
    const std::vector<Subscription> subscriptions_;
    mutable std::mutex mutex_;
    std::map<RowKey, Row> rows_;
    std::array<std::set<IndexEntry>, 2> index_;
    std::map<std::string, Instant> tokens_;
    std::vector<Event> events_;
    std::vector<CommitObserver*> observers_;
    int answers_to_lose_ = 0;
    int commits_to_refuse_ = 0;
    std::optional<ErrorCode> refusal_;
};

}  // namespace souk
