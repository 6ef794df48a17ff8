#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"
#include "domain/ports/ledger.h"

/// The keys of everything in the database. The first byte tells the area; lengths stand before
/// parts that are only compared for equality, and a sort stands raw at the end or escaped before
/// what follows it, so that the order of keys within a partition is the order of sorts.
namespace souk::rocks {

enum class Area : char {
    index_1 = '1',
    index_2 = '2',
    meta = 'm',
    outbox = 'q',
    row = 'r',
    token = 't',
    expiry = 'x',
};

/// Units: bytes; what the length prefixes can say.
inline constexpr std::size_t table_bytes_max = 255;
inline constexpr std::size_t partition_bytes_max = 65'535;

[[nodiscard]] std::string row_key(const RowKey& key);
/// What the keys of one partition's rows or of one index partition's entries begin with.
[[nodiscard]] std::string partition_prefix(Area area, std::string_view table,
                                           std::string_view partition);
/// One row's entry in an index. Shape: `area` is index_1 or index_2.
[[nodiscard]] std::string index_key(Area area, const RowKey& key, const IndexKey& at);
/// Where entries with this sort begin, after the partition's prefix.
[[nodiscard]] std::string escaped_sort(std::string_view sort);
/// The row key that an index entry stands for; nothing if the entry is malformed. `table` is the
/// queried one, `suffix` the key without the partition's prefix.
[[nodiscard]] std::optional<std::string> row_key_in(std::string_view table,
                                                    std::string_view suffix);
/// The key parts of a row key. Nothing if malformed.
[[nodiscard]] std::optional<RowKey> parse_row_key(std::string_view bytes);

[[nodiscard]] std::string expiry_key(Instant expires, std::string_view row_key_bytes);
/// Before every expiry entry of `instant` or later.
[[nodiscard]] std::string expiry_start(Instant instant);
[[nodiscard]] std::string_view row_key_of_expiry(std::string_view expiry_key_bytes);
[[nodiscard]] Instant instant_of_expiry(std::string_view expiry_key_bytes);

[[nodiscard]] std::string token_key(std::string_view token);
[[nodiscard]] std::string outbox_key(std::string_view key);
/// The one number that the ledger keeps about itself: the last sequence given to an arrival.
[[nodiscard]] std::string sequence_key();

/// The least key that is greater than all that start with `prefix`.
[[nodiscard]] std::string after_prefix(std::string prefix);

}  // namespace souk::rocks
