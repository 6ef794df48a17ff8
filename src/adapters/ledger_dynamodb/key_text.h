#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Row keys as DynamoDB's key attributes. Those are text, so that people and emulators can read and
/// order them; the ledger's keys are bytes. Every byte becomes the code point of its number
/// (ISO 8859-1), which leaves ASCII as it is and keeps the order of bytes.
namespace souk::dynamo {

/// Units: bytes of the stored text. A partition of row_key_part_max bytes always fits; a sort with
/// more than a few hundred bytes outside ASCII may not. Source: DynamoDB's limits.
inline constexpr std::size_t partition_text_max = 2048;
inline constexpr std::size_t sort_text_max = 1024;

[[nodiscard]] std::string sort_text(std::string_view sort);
/// Nothing if `sort_text` cannot have made it.
[[nodiscard]] std::optional<std::string> sort_of_text(std::string_view text);

/// As sort_text, but for partitions that would be taken for the outbox's: they are told apart.
[[nodiscard]] std::string partition_text(std::string_view partition);
[[nodiscard]] std::optional<std::string> partition_of_text(std::string_view text);

/// The partitions in which a commit's events wait for the relay: "outbox#00" … "outbox#15". No row
/// has such a partition text, so no read or write of the ledger reaches them.
inline constexpr std::string_view outbox_prefix = "outbox#";
inline constexpr unsigned outbox_shards = 16;
[[nodiscard]] std::string outbox_partition_text(std::string_view event_id);
/// Shape: below outbox_shards.
[[nodiscard]] std::string outbox_partition_text(unsigned shard);

}  // namespace souk::dynamo
