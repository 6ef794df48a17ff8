#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "domain/ports/ledger.h"

/// The value of a row: a head that commits change, then the body as it came.
/// Shape: format byte, flags byte, version, expiry, index keys, counters, body; numbers as varints.
namespace souk::rocks {

/// A row's value, taken apart. `body` points into the bytes it was decoded from.
struct StoredRow {
    std::uint64_t version = 0;
    std::optional<Instant> expires;
    std::array<std::optional<IndexKey>, 2> index;
    Counters counters;
    std::string_view body;

    [[nodiscard]] bool alive(Instant now) const { return !expires || *expires > now; }
};

/// Everything that stands before the body.
[[nodiscard]] std::string encode_head(const StoredRow& row);
/// Errors: corrupt_row.
[[nodiscard]] Result<StoredRow> decode_row(std::string_view bytes);
/// The row as the port shows it.
[[nodiscard]] Row to_row(RowKey key, StoredRow stored);

}  // namespace souk::rocks
