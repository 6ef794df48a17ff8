#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/ports/event.h"

/// The Ledger: every service's durable memory, shaped by the weaker of its engines (DynamoDB) so
/// that the same code runs on both. Services do not use it directly but through the walls of
/// domain/ports/store_ledger.h. Its contract is tests/contracts/ledger_contract.h.
namespace souk {

namespace errors {
/// An expectation did not hold; fields[0].pointer is "/writes/{position}".
inline constexpr ErrorCode ledger_conflict{"ledger_conflict", ErrorKind::conflict};
/// Contention or throttling: nothing happened, try again.
inline constexpr ErrorCode ledger_busy{"ledger_busy", ErrorKind::unavailable};
/// The commit may have happened; repeat it with the same token to find out.
inline constexpr ErrorCode unknown_outcome{"unknown_outcome", ErrorKind::unavailable};
inline constexpr ErrorCode ledger_unavailable{"ledger_unavailable", ErrorKind::unavailable};
/// A row, a key or a transaction is over its limit, or a transaction writes a row twice.
inline constexpr ErrorCode ledger_too_large{"ledger_too_large", ErrorKind::invalid};
/// A cursor that this ledger did not make for this query.
inline constexpr ErrorCode invalid_cursor{"invalid_cursor", ErrorKind::invalid};
}  // namespace errors

/// Units: bytes, but for the counts. Source: DynamoDB (400 KB an item, 100 writes and 4 MB a
/// transaction).
inline constexpr std::size_t row_body_max = 350 * 1024;
/// With its attributes it is one message of SNS, which takes 256 KiB.
inline constexpr std::size_t event_body_max = 240 * 1024;
inline constexpr std::size_t row_key_part_max = 1024;
inline constexpr std::size_t transaction_writes_max = 100;  // writes + events
inline constexpr std::size_t transaction_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t get_many_max = 100;
inline constexpr int query_limit_max = 1000;

struct RowKey {
    std::string table;
    std::string partition;
    std::string sort;
    friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

struct IndexKey {
    std::string partition;
    std::string sort;
    friend auto operator<=>(const IndexKey&, const IndexKey&) = default;
};

using Counters = std::map<std::string, std::int64_t, std::less<>>;

/// One row. `version` counts its puts from 1. Counters live beside the body: a put of an existing
/// row leaves them alone, an add changes nothing else and does not raise the version. A row past
/// `expires` is absent to every read and expectation; when it is erased is the engine's affair.
struct Row {
    RowKey key;
    std::uint64_t version = 0;
    std::string body;
    Counters counters;
    std::optional<Instant> expires;
    std::array<std::optional<IndexKey>, 2> index;
};

/// What must hold for a write to happen.
struct Expect {
    enum class Kind { absent, present, version, any };
    Kind kind = Kind::any;
    std::uint64_t version = 0;

    static Expect absent() { return {Kind::absent, 0}; }
    static Expect present() { return {Kind::present, 0}; }
    static Expect at(std::uint64_t version) { return {Kind::version, version}; }
    static Expect any() { return {Kind::any, 0}; }
    /// As it was read; 0: it was not there.
    static Expect as_read(std::uint64_t version) { return version == 0 ? absent() : at(version); }
};

/// Writes body, expiry and index keys; the version becomes the former one + 1 (1 when absent).
/// `row.counters` are set only when the row was absent.
struct Put {
    Row row;
    Expect expect;
};
struct Erase {
    RowKey key;
    Expect expect;
};
/// Writes nothing; its expectation must hold for the rest to happen.
struct Check {
    RowKey key;
    Expect expect;
};
struct CounterChange {
    std::string name;
    std::int64_t delta = 0;
    std::optional<std::int64_t> floor;  // The result must not be below.
};
/// Changes counters atomically and without a prior read; a missing counter counts from 0. With
/// Expect::any a missing row is made (empty body, version 0).
struct Add {
    RowKey key;
    std::vector<CounterChange> changes;
    Expect expect;
};
using Write = std::variant<Put, Erase, Check, Add>;

[[nodiscard]] const RowKey& key_of(const Write& write);

/// `relaxed` survives the death of the process but not of the machine; for what a redelivery would
/// repeat harmlessly. Engines that have no such mode treat it as synced.
enum class Durability { synced, relaxed };

/// At most transaction_writes_max writes and events together, each row at most once.
struct Transaction {
    std::string token = {};  // Makes a repeat harmless for ten minutes; may be empty.
    std::vector<Write> writes = {};
    std::vector<Event> events = {};
    Durability durability = Durability::synced;
};

enum class Source { rows, index_1, index_2 };
enum class Direction { forward, backward };

/// Rows of one partition (of a table or an index), from <= sort < before, in order; empty: open. No
/// snapshot: a commit may fall between two rows. Indexes lag behind: decide nothing on them.
struct Query {
    std::string table = {};
    Source source = Source::rows;
    std::string partition = {};
    std::string from = {};
    std::string before = {};
    Direction direction = Direction::forward;
    int limit = 100;  // 1..query_limit_max
    std::string cursor = {};
};

struct Page {
    std::vector<Row> rows;
    std::optional<std::string> cursor;  // Opaque; nothing when the range is exhausted.
};

class Ledger {
public:
    virtual ~Ledger() = default;

    /// Strongly consistent. Nothing if absent. Errors: ledger_unavailable, corrupt_row.
    [[nodiscard]] virtual Result<std::optional<Row>> get(const RowKey& key) = 0;
    /// The rows in the order of the keys (at most get_many_max), each as `get` would.
    [[nodiscard]] virtual Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) = 0;
    /// Errors: ledger_unavailable, invalid_cursor, corrupt_row.
    [[nodiscard]] virtual Result<Page> query(const Query& query) = 0;
    /// All or nothing, durable when it returns, events included.
    /// Errors: ledger_conflict, ledger_busy, unknown_outcome, ledger_unavailable, ledger_too_large.
    /// Repeat: the same non-empty token within ten minutes succeeds without a second effect.
    [[nodiscard]] virtual Result<void> commit(const Transaction& transaction) = 0;
};

/// Told of every commit of this process after it is visible to reads and before its caller is
/// answered. Must be quick and must not call the ledger.
class CommitObserver {
public:
    virtual ~CommitObserver() = default;
    virtual void committed(const Transaction& transaction) noexcept = 0;
};

/// Checks the limits above and that no row is written twice; every adapter's commit begins with it.
/// Errors: ledger_too_large.
[[nodiscard]] Result<void> check_limits(const Transaction& transaction);

}  // namespace souk
