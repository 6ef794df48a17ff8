#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/json.h"
#include "domain/ports/ledger.h"

/// Rows as DynamoDB items.
///
///     pk sk          the row's key (key_text.h)
///     v              version
///     b              body: S where it is text, else B; missing when empty
///     c_<counter>    a counter
///     exp ttl        expiry: exactly, in microseconds, and rounded up to seconds for DynamoDB's
///                    time to live, which erases the row some days later
///     g1pk g1sk …    index keys
///     e              an outbox item's event (no row has it)
namespace souk::dynamo {

namespace attribute {
inline constexpr std::string_view partition = "pk";
inline constexpr std::string_view sort = "sk";
inline constexpr std::string_view version = "v";
inline constexpr std::string_view body = "b";
inline constexpr std::string_view counter_prefix = "c_";
inline constexpr std::string_view expires = "exp";
inline constexpr std::string_view time_to_live = "ttl";
inline constexpr std::string_view event = "e";
inline constexpr std::array<std::string_view, 2> index_partition = {"g1pk", "g2pk"};
inline constexpr std::array<std::string_view, 2> index_sort = {"g1sk", "g2sk"};
}  // namespace attribute

/// How long an event stays beside its commit after it was announced. A DynamoDB stream forgets it
/// after a day; for what a relay lost in a longer outage, the outbox can be read again all this
/// time. Shorter than inbox_kept, or a reaction could have forgotten that it acted.
inline constexpr std::chrono::hours outbox_kept{24 * 14};

[[nodiscard]] std::string counter_attribute(std::string_view counter);
[[nodiscard]] std::int64_t expires_us(Instant expires);
/// Rounded up. Unit: seconds since 1970.
[[nodiscard]] std::int64_t time_to_live_s(Instant expires);

/// {"pk":…,"sk":…}
[[nodiscard]] std::string key_json(const RowKey& key);
/// The whole item of a row. Shape: `row.version` is the one to store.
[[nodiscard]] std::string item_json(const Row& row);
/// The item in which an event waits for the relay.
[[nodiscard]] std::string outbox_item_json(const Event& event, Instant now);
/// A body as an attribute value. Shape: not empty.
[[nodiscard]] std::string body_value(std::string_view body);

/// What an item says about a row at `now`.
enum class RowState { missing, expired, live };
/// Shape: absent for an item that was not found.
[[nodiscard]] RowState state_of(JsonView item, Instant now);
/// The row in an item. Errors: corrupt_row.
[[nodiscard]] Result<Row> decode_item(std::string_view table, JsonView item);
/// The same, or nothing if the item is missing or expired. Errors: corrupt_row.
[[nodiscard]] Result<std::optional<Row>> decode_live(std::string_view table, JsonView item,
                                                     Instant now);

}  // namespace souk::dynamo
