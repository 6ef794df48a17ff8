#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/ledger_dynamodb/item_codec.h"
#include "domain/base/json.h"
#include "domain/ports/ledger.h"

/// Writes as the actions of TransactWriteItems. An action's members are also those of the plain
/// call of that name plus "Item" (PutItem, UpdateItem, DeleteItem).
namespace souk::dynamo {

/// DynamoDB can either replace an item or change it in place, and which one a put or an add needs
/// depends on whether there is a live row. Where the expectation leaves that open, one form is
/// tried and the failed condition tells whether it has to be the other.
enum class Form {
    replace,  // Where no live row is: an expired one must leave nothing behind.
    change,   // Where a live row is, whose counters or body stay; or nothing at all.
};
/// The one to try first.
[[nodiscard]] Form first_form(const Write& write);

struct Action {
    std::string_view name;  // "Put", "Update", "Delete" or "ConditionCheck"
    std::string json;
};

/// The action of a write at `now`, or nothing if it asks for nothing (a check of any row).
[[nodiscard]] std::optional<Action> action_of(const Write& write, Form form,
                                              std::string_view table_prefix, Instant now);
/// The action that puts an event into the outbox of a table.
[[nodiscard]] Action outbox_action(const Event& event, std::string_view full_table, Instant now);

/// Why the condition of an action failed.
struct Failure {
    enum class Why {
        expectation,  // The row is not as the write expects it.
        floor,        // A counter would pass its floor, or the range of numbers.
        form,         // Nothing is wrong with the write; `next` is the form that it needs.
    };
    Why why = Why::expectation;
    Form next = Form::change;
};
/// `item` is what DynamoDB found, absent if nothing.
[[nodiscard]] Failure failure_of(const Write& write, Form form, JsonView item, Instant now);

/// Errors: ledger_too_large for keys, index keys and names that DynamoDB cannot hold.
[[nodiscard]] Result<void> check_storable(const Transaction& transaction);

}  // namespace souk::dynamo
