#include "adapters/ledger_rocksdb/key_codec.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/ports/outbox.h"

namespace souk::rocks {

namespace {

constexpr std::size_t instant_bytes = 8;
constexpr std::string_view terminator{"\0\1", 2};
constexpr std::string_view escaped_zero{"\0\xFF", 2};

void append_short(std::string& out, std::size_t length) {
    out.push_back(static_cast<char>(length >> 8));
    out.push_back(static_cast<char>(length & 0xFF));
}

std::size_t short_at(std::string_view bytes) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
           static_cast<unsigned char>(bytes[1]);
}

void append_prefix(std::string& out, Area area, std::string_view table,
                   std::string_view partition) {
    out.push_back(static_cast<char>(area));
    out.push_back(static_cast<char>(table.size()));
    out += table;
    append_short(out, partition.size());
    out += partition;
}

}  // namespace

std::string row_key(const RowKey& key) {
    std::string out;
    out.reserve(4 + key.table.size() + key.partition.size() + key.sort.size());
    append_prefix(out, Area::row, key.table, key.partition);
    out += key.sort;
    return out;
}

std::string partition_prefix(Area area, std::string_view table, std::string_view partition) {
    std::string out;
    append_prefix(out, area, table, partition);
    return out;
}

std::string escaped_sort(std::string_view sort) {
    std::string out;
    out.reserve(sort.size());
    for (const char c : sort) {
        if (c == '\0') {
            out += escaped_zero;
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string index_key(Area area, const RowKey& key, const IndexKey& at) {
    std::string out = partition_prefix(area, key.table, at.partition);
    out += escaped_sort(at.sort);
    out += terminator;
    append_short(out, key.partition.size());
    out += key.partition;
    out += key.sort;
    return out;
}

std::optional<std::string> row_key_in(std::string_view table, std::string_view suffix) {
    // An escaped zero byte is never followed by 1, so the first terminator found is the real one.
    const auto end = suffix.find(terminator);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view tail = suffix.substr(end + terminator.size());
    if (tail.size() < 2 || tail.size() < 2 + short_at(tail)) {
        return std::nullopt;
    }
    std::string out;
    out.push_back(static_cast<char>(Area::row));
    out.push_back(static_cast<char>(table.size()));
    out += table;
    out += tail;
    return out;
}

std::optional<RowKey> parse_row_key(std::string_view bytes) {
    if (bytes.size() < 2 || bytes[0] != static_cast<char>(Area::row)) {
        return std::nullopt;
    }
    const std::size_t table_size = static_cast<unsigned char>(bytes[1]);
    bytes.remove_prefix(2);
    if (bytes.size() < table_size + 2) {
        return std::nullopt;
    }
    RowKey key;
    key.table = bytes.substr(0, table_size);
    bytes.remove_prefix(table_size);
    const std::size_t partition_size = short_at(bytes);
    bytes.remove_prefix(2);
    if (bytes.size() < partition_size) {
        return std::nullopt;
    }
    key.partition = bytes.substr(0, partition_size);
    key.sort = bytes.substr(partition_size);
    return key;
}

std::string expiry_start(Instant instant) {
    const auto ms = std::max<std::int64_t>(instant.unix_ms(), 0);
    return cat(static_cast<char>(Area::expiry), ordered_bytes(static_cast<std::uint64_t>(ms)));
}

std::string expiry_key(Instant expires, std::string_view row_key_bytes) {
    return cat(expiry_start(expires), row_key_bytes);
}

std::string_view row_key_of_expiry(std::string_view expiry_key_bytes) {
    return expiry_key_bytes.substr(std::min(expiry_key_bytes.size(), 1 + instant_bytes));
}

Instant instant_of_expiry(std::string_view expiry_key_bytes) {
    return Instant::from_unix_ms(
        static_cast<std::int64_t>(from_ordered_bytes(expiry_key_bytes.substr(1))));
}

std::string token_key(std::string_view token) { return cat(static_cast<char>(Area::token), token); }

std::string outbox_key(std::string_view key) { return cat(static_cast<char>(Area::outbox), key); }

std::string sequence_key() { return cat(static_cast<char>(Area::meta), "sequence"); }

std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xFF') {
        prefix.pop_back();
    }
    CHECK(!prefix.empty());
    ++prefix.back();
    return prefix;
}

}  // namespace souk::rocks
