#pragma once

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/ports/clock.h"
#include "support/memory_aws/dynamo_item.h"

namespace souk::testing_support {

/// DynamoDB in memory, as far as the ledger speaks to it: tables with a partition and a sort key
/// (pk, sk) and two indexes (g1pk … g2sk), and the stream of each table's new images.
///
/// Contention is modelled: a write holds its items for `write_time`, during which any other write
/// to one of them is refused with TransactionConflict, as Amazon's are. Thread-safe.
class MemoryDynamo {
public:
    explicit MemoryDynamo(const Clock& clock) : clock_(clock) {}

    /// A table that is there already is no error.
    void make_table(std::string_view name);
    void take_for_each_write(std::chrono::microseconds time) { write_time_ = time; }

    /// Promises that it breaks on purpose, for tests of those who have to notice.
    enum class Neglect {
        none,
        floors,   // Updates happen whatever their condition.
        absence,  // So do puts.
        events,   // Every tenth event is missing in the stream.
    };
    void neglect(Neglect what) { neglect_ = what; }

    /// What DynamoDB says to the action ("GetItem").
    [[nodiscard]] aws::Answer answer(std::string_view action, std::string_view body);

    /// A record of a table's stream; what removals leave is not told.
    struct Change {
        std::string sequence_number;
        Item image;
    };
    /// At most `count` records behind the first `position`.
    [[nodiscard]] std::vector<Change> changes(std::string_view table, std::size_t position,
                                              std::size_t count) const;
    [[nodiscard]] std::vector<std::string> tables() const;
    /// How often a write was refused because another held its item.
    [[nodiscard]] std::size_t conflicts() const;

private:
    using Place = std::pair<std::string, std::string>;  // pk, sk
    struct Table {
        std::map<Place, Item> items;
        std::array<std::set<std::array<std::string, 4>>, 2> indexes;  // Partition, sort, pk, sk.
        std::vector<Change> changes;
    };
    /// One write of a request, as it was asked for.
    struct Action {
        std::string kind;  // "Put", "Update", "Delete", "ConditionCheck"
        JsonView json;
        Table* table = nullptr;
        std::string held;  // Names the item among all tables'.
        Place place;
    };
    struct Token {
        std::size_t request = 0;  // The request's hash.
        bool took_effect = false;
        Instant forgotten;
    };

    [[nodiscard]] aws::Answer item(JsonView body);
    [[nodiscard]] aws::Answer items(JsonView body);
    [[nodiscard]] aws::Answer query(JsonView body);
    [[nodiscard]] aws::Answer write_one(std::string_view kind, JsonView body);
    [[nodiscard]] aws::Answer transact(std::string_view text, JsonView body);

    [[nodiscard]] Table* table_of(JsonView body);
    [[nodiscard]] Action action_from(std::string_view kind, JsonView json);
    [[nodiscard]] bool holds(const Action& action) const;
    void apply(const Action& action);
    void put(Table& table, const Place& place, Item item);
    static void remove(Table& table, const Place& place);
    /// Keeps the items of the actions from other writes for the time that a write takes.
    void hold(const std::vector<Action>& actions, std::unique_lock<std::mutex>& lock);

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<std::string, Table, std::less<>> tables_;
    std::map<std::string, Token, std::less<>> tokens_;
    std::set<std::string> held_;
    std::chrono::microseconds write_time_{0};
    std::size_t conflicts_ = 0;
    std::size_t events_ = 0;
    Neglect neglect_ = Neglect::none;
};

/// A refusal as DynamoDB puts it.
[[nodiscard]] aws::Answer dynamo_refusal(std::string_view code, std::string_view words,
                                         std::string body = "{}");

}  // namespace souk::testing_support
