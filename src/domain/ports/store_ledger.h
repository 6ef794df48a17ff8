#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/base/id.h"
#include "domain/ports/environment.h"
#include "domain/ports/ledger.h"

/// The walls between stores. A service is given a ServiceLedger for its own table; a row is reached
/// only through StoreLedger, whose every partition starts with its store, or through
/// PlatformLedger, which takes an AllStores token that only the composition root can make.
namespace souk {

/// The right to cross stores. Made in apps/ alone (a house rule checks it).
class AllStores {
public:
    [[nodiscard]] static AllStores granted_by_composition_root() { return {}; }

private:
    AllStores() = default;
};

/// A row as a service sees it: no table, no store.
struct StoreRow {
    std::string partition;
    std::string sort;
    std::uint64_t version = 0;
    std::string body;
    Counters counters = {};
    std::optional<Instant> expires = {};
    std::optional<IndexKey> index = {};  // Index 1, inside the same walls.
    std::optional<Instant> due =
        {};  // Index 2: found by PlatformLedger::due() once this has passed.
};

struct StoreKey {
    std::string partition;
    std::string sort;
    friend auto operator<=>(const StoreKey&, const StoreKey&) = default;
};

/// A range of one partition, as souk::Query.
struct StoreQuery {
    std::string partition;
    bool on_index = false;
    std::string from = {};
    std::string before = {};
    Direction direction = Direction::forward;
    int limit = 100;
    std::string cursor = {};
};

struct StorePage {
    std::vector<StoreRow> rows;
    std::optional<std::string> cursor;
};

/// Writes gathered for one commit. Only the ledgers below can put rows into it.
class Changes {
public:
    /// An event of this commit, from `source` "/stores/{store}/{service}".
    void announce(Event event) { transaction_.events.push_back(std::move(event)); }
    void relax() { transaction_.durability = Durability::relaxed; }
    [[nodiscard]] bool empty() const {
        return transaction_.writes.empty() && transaction_.events.empty();
    }
    /// Writes and events so far, of transaction_writes_max.
    [[nodiscard]] std::size_t size() const {
        return transaction_.writes.size() + transaction_.events.size();
    }
    /// Takes over all of `other`. Both must be for the same service's table.
    void append(Changes other);

private:
    friend class WalledLedger;
    friend class ServiceLedger;
    Transaction transaction_;
};

class ServiceLedger;

/// What StoreLedger and PlatformLedger share: reads and writes below one fixed prefix.
class WalledLedger {
public:
    [[nodiscard]] Result<std::optional<StoreRow>> find(std::string_view partition,
                                                       std::string_view sort) const;
    /// In the order of the keys; any number of them.
    [[nodiscard]] Result<std::vector<std::optional<StoreRow>>> find_many(
        const std::vector<StoreKey>& keys) const;
    [[nodiscard]] Result<StorePage> query(const StoreQuery& query) const;

    /// `row.version` is ignored; the expectation says what must be there.
    void put(Changes& changes, StoreRow row, Expect expect) const;
    void erase(Changes& changes, std::string_view partition, std::string_view sort,
               Expect expect) const;
    void check(Changes& changes, std::string_view partition, std::string_view sort,
               Expect expect) const;
    void add(Changes& changes, std::string_view partition, std::string_view sort,
             std::vector<CounterChange> counters, Expect expect) const;

protected:
    WalledLedger(Ledger& ledger, std::string table, std::string prefix)
        : ledger_(&ledger), table_(std::move(table)), prefix_(std::move(prefix)) {}

    Ledger* ledger_;
    std::string table_;
    std::string prefix_;  // "store_…#" or "platform#"

    [[nodiscard]] RowKey key(std::string_view partition, std::string_view sort) const;
    [[nodiscard]] StoreRow inside(Row row) const;
};

/// One store's rows in one service's table.
class StoreLedger : public WalledLedger {
public:
    [[nodiscard]] const StoreId& store() const { return store_; }
    /// The partition as the whole process knows it; for Deferred::watch_partition.
    [[nodiscard]] std::string watched(std::string_view partition) const {
        return prefix_ + std::string(partition);
    }

private:
    friend class ServiceLedger;
    friend class PlatformLedger;
    StoreLedger(Ledger& ledger, std::string table, const StoreId& store)
        : WalledLedger(ledger, std::move(table), store.text() + "#"), store_(store) {}
    StoreId store_;
};

/// A row of some store that has come due.
struct DueRow {
    StoreId store;
    StoreRow row;
};

/// Rows that belong to no store (slugs, staff accounts), and what must look across stores (sweeps).
class PlatformLedger : public WalledLedger {
public:
    /// Rows of any store whose `due` is not after `now`, oldest first. From an index: read each row
    /// again through its store before deciding anything.
    [[nodiscard]] Result<std::vector<DueRow>> due(Instant now, int limit) const;

private:
    friend class ServiceLedger;
    PlatformLedger(Ledger& ledger, std::string table)
        : WalledLedger(ledger, std::move(table), "platform#") {}
};

/// One service's table. Copyable; what it refers to outlives it.
class ServiceLedger {
public:
    ServiceLedger(Ledger& ledger, std::string table, Environment environment)
        : ledger_(&ledger), table_(std::move(table)), environment_(std::move(environment)) {}

    [[nodiscard]] StoreLedger store(const StoreId& store) const {
        return StoreLedger(*ledger_, table_, store);
    }
    [[nodiscard]] PlatformLedger platform(AllStores) const {
        return PlatformLedger(*ledger_, table_);
    }
    [[nodiscard]] const Environment& environment() const { return environment_; }
    [[nodiscard]] const std::string& table() const { return table_; }

    /// An event of this service, ready for Changes::announce. Shape: `type` like
    /// "souk.order.placed.v1".
    [[nodiscard]] Event event(const StoreId& store, std::string_view type, std::string_view subject,
                              std::string body, std::string_view traceparent) const;
    /// The same for what belongs to no store.
    [[nodiscard]] Event platform_event(std::string_view type, std::string_view subject,
                                       std::string body, std::string_view traceparent) const;

    /// As Ledger::commit. An outcome that is unknown is asked for again under the same token.
    [[nodiscard]] Result<void> commit(const Changes& changes) const;

private:
    Ledger* ledger_;
    std::string table_;
    Environment environment_;
};

}  // namespace souk
