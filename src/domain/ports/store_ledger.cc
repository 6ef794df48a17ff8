#include "domain/ports/store_ledger.h"

#include <algorithm>
#include <array>

#include "domain/base/text.h"

namespace souk {

namespace {

/// The due rows of a table are spread over these partitions of the index; a sweep reads each from
/// its oldest end. One would be enough but for DynamoDB, where a partition takes 1,000 writes a
/// second: some 160 orders.
constexpr std::array<std::string_view, 8> due_partitions{"all#due",   "all#due#1", "all#due#2",
                                                         "all#due#3", "all#due#4", "all#due#5",
                                                         "all#due#6", "all#due#7"};

/// The same for a row wherever and whenever it is asked. Source: FNV-1a.
std::string_view due_partition_of(std::string_view partition) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : partition) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
    }
    return due_partitions[hash % due_partitions.size()];
}

constexpr int sort_digits = 15;
constexpr int commit_tries_max = 5;
/// An engine ends a page early where many rows have expired (after a thousand) or are long. Of so
/// many pages a sweep reads a partition at most; what comes behind, the next ones find, since
/// engines erase what has expired.
constexpr int due_pages_max = 10;

std::string due_sort(Instant due) {
    return zero_padded(static_cast<std::uint64_t>(std::max<std::int64_t>(due.unix_ms(), 0)),
                       sort_digits);
}

/// The first rows of a range, up to the query's limit of them.
Result<std::vector<Row>> first_rows(Ledger& ledger, Query query) {
    std::vector<Row> rows;
    for (int pages = 0; pages < due_pages_max; ++pages) {
        auto page = TRY(ledger.query(query));
        query.limit -= static_cast<int>(page.rows.size());
        std::ranges::move(page.rows, std::back_inserter(rows));
        if (!page.cursor || query.limit <= 0) {
            break;
        }
        query.cursor = *std::move(page.cursor);
    }
    return rows;
}

}  // namespace

void Changes::append(Changes other) {
    // What one part needs synced, the whole must; a part that writes nothing has no say.
    if (empty()) {
        transaction_.durability = other.transaction_.durability;
    } else if (!other.empty() && other.transaction_.durability == Durability::synced) {
        transaction_.durability = Durability::synced;
    }
    std::ranges::move(other.transaction_.writes, std::back_inserter(transaction_.writes));
    std::ranges::move(other.transaction_.events, std::back_inserter(transaction_.events));
}

RowKey WalledLedger::key(std::string_view partition, std::string_view sort) const {
    return {table_, cat(prefix_, partition), std::string(sort)};
}

StoreRow WalledLedger::inside(Row row) const {
    StoreRow inner;
    inner.partition = row.key.partition.substr(prefix_.size());
    inner.sort = std::move(row.key.sort);
    inner.version = row.version;
    inner.body = std::move(row.body);
    inner.counters = std::move(row.counters);
    inner.expires = row.expires;
    if (row.index[0]) {
        inner.index = IndexKey{row.index[0]->partition.substr(prefix_.size()), row.index[0]->sort};
    }
    if (row.index[1]) {
        const std::string_view digits = std::string_view(row.index[1]->sort).substr(0, sort_digits);
        inner.due = Instant::from_unix_ms(to_integer(digits).value_or(0));
    }
    return inner;
}

Result<std::optional<StoreRow>> WalledLedger::find(std::string_view partition,
                                                   std::string_view sort) const {
    auto row = TRY(ledger_->get(key(partition, sort)));
    return row ? std::optional(inside(std::move(*row))) : std::nullopt;
}

Result<std::vector<std::optional<StoreRow>>> WalledLedger::find_many(
    const std::vector<StoreKey>& keys) const {
    std::vector<std::optional<StoreRow>> found;
    found.reserve(keys.size());
    for (std::size_t start = 0; start < keys.size(); start += get_many_max) {
        std::vector<RowKey> batch;
        for (std::size_t i = start; i < std::min(keys.size(), start + get_many_max); ++i) {
            batch.push_back(key(keys[i].partition, keys[i].sort));
        }
        auto rows = TRY(ledger_->get_many(batch));
        for (auto& row : rows) {
            found.push_back(row ? std::optional(inside(std::move(*row))) : std::nullopt);
        }
    }
    return found;
}

Result<StorePage> WalledLedger::query(const StoreQuery& query) const {
    auto page = TRY(ledger_->query({.table = table_,
                                    .source = query.on_index ? Source::index_1 : Source::rows,
                                    .partition = cat(prefix_, query.partition),
                                    .from = query.from,
                                    .before = query.before,
                                    .direction = query.direction,
                                    .limit = query.limit,
                                    .cursor = query.cursor}));
    StorePage walled;
    walled.cursor = std::move(page.cursor);
    for (auto& row : page.rows) {
        walled.rows.push_back(inside(std::move(row)));
    }
    return walled;
}

void WalledLedger::put(Changes& changes, StoreRow row, Expect expect) const {
    Row outer;
    outer.key = key(row.partition, row.sort);
    outer.body = std::move(row.body);
    outer.counters = std::move(row.counters);
    outer.expires = row.expires;
    if (row.index) {
        outer.index[0] = IndexKey{cat(prefix_, row.index->partition), std::move(row.index->sort)};
    }
    if (row.due) {
        // The row's own key keeps the sort unique and tells the store.
        outer.index[1] =
            IndexKey{std::string(due_partition_of(outer.key.partition)),
                     cat(due_sort(*row.due), '#', outer.key.partition, '#', outer.key.sort)};
    }
    changes.transaction_.writes.emplace_back(Put{std::move(outer), expect});
}

void WalledLedger::erase(Changes& changes, std::string_view partition, std::string_view sort,
                         Expect expect) const {
    changes.transaction_.writes.emplace_back(Erase{key(partition, sort), expect});
}

void WalledLedger::check(Changes& changes, std::string_view partition, std::string_view sort,
                         Expect expect) const {
    changes.transaction_.writes.emplace_back(Check{key(partition, sort), expect});
}

void WalledLedger::add(Changes& changes, std::string_view partition, std::string_view sort,
                       std::vector<CounterChange> counters, Expect expect) const {
    changes.transaction_.writes.emplace_back(
        Add{key(partition, sort), std::move(counters), expect});
}

Result<std::vector<DueRow>> PlatformLedger::due(Instant now, int limit) const {
    std::vector<Row> rows;
    for (const auto partition : due_partitions) {
        auto oldest =
            TRY(first_rows(*ledger_, {.table = table_,
                                      .source = Source::index_2,
                                      .partition = std::string(partition),
                                      .from = {},
                                      .before = due_sort(now + std::chrono::milliseconds(1)),
                                      .direction = Direction::forward,
                                      .limit = limit,
                                      .cursor = {}}));
        std::ranges::move(oldest, std::back_inserter(rows));
    }
    std::ranges::sort(rows, {}, [](const Row& row) {
        return row.index[1] ? std::string_view(row.index[1]->sort) : std::string_view();
    });
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(limit)));
    std::vector<DueRow> found;
    for (auto& row : rows) {
        const auto wall = row.key.partition.find('#');
        if (wall == std::string::npos) {
            continue;
        }
        const auto store = StoreId::parse(std::string_view(row.key.partition).substr(0, wall));
        if (!store) {
            continue;  // A platform row: not any store's.
        }
        found.push_back({*store, StoreLedger(*ledger_, table_, *store).inside(std::move(row))});
    }
    return found;
}

Event ServiceLedger::event(const StoreId& store, std::string_view type, std::string_view subject,
                           std::string body, std::string_view traceparent) const {
    return {environment_.fresh<EventId>().text(),
            cat("/stores/", store.text(), "/", table_),
            std::string(type),
            std::string(subject),
            environment_.now(),
            std::move(body),
            std::string(traceparent)};
}

Event ServiceLedger::platform_event(std::string_view type, std::string_view subject,
                                    std::string body, std::string_view traceparent) const {
    return {environment_.fresh<EventId>().text(),
            cat("/platform/", table_),
            std::string(type),
            std::string(subject),
            environment_.now(),
            std::move(body),
            std::string(traceparent)};
}

Result<void> ServiceLedger::commit(const Changes& changes) const {
    Transaction transaction = changes.transaction_;
    transaction.token = to_hex(environment_.crypto.random(16));
    Result<void> outcome = ledger_->commit(transaction);
    if (outcome || outcome.error().code != errors::unknown_outcome) {
        return outcome;
    }
    for (int repeat = 1; repeat < commit_tries_max; ++repeat) {
        outcome = ledger_->commit(transaction);
        if (outcome || outcome.error().code != errors::unknown_outcome) {
            break;
        }
    }
    if (!outcome && outcome.error().code.kind == ErrorKind::unavailable) {
        // The repeat did not happen; of the first try nothing more is known than before.
        outcome.error().code = errors::unknown_outcome;
    }
    return outcome;
}

}  // namespace souk
