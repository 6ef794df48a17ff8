#include "adapters/ledger_dynamodb/key_text.h"

#include <cstdint>

#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

/// U+0100: the least code point that no byte becomes.
constexpr std::string_view not_the_outbox = "\xC4\x80";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string sort_text(std::string_view sort) {
    std::string text;
    text.reserve(sort.size());
    for (const char c : sort) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            text.push_back(c);
        } else {
            text.push_back(static_cast<char>(0xC0U | (byte >> 6U)));
            text.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
        }
    }
    return text;
}

std::optional<std::string> sort_of_text(std::string_view text) {
    std::string sort;
    sort.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            sort.push_back(text[i]);
        } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < text.size() &&
                   is_continuation(text[i + 1])) {
            const auto low = static_cast<unsigned char>(text[++i]) & 0x3FU;
            sort.push_back(static_cast<char>(((byte & 0x03U) << 6U) | low));
        } else {
            return std::nullopt;
        }
    }
    return sort;
}

std::string partition_text(std::string_view partition) {
    std::string text = sort_text(partition);
    return text.starts_with(outbox_prefix) ? cat(not_the_outbox, text) : text;
}

std::optional<std::string> partition_of_text(std::string_view text) {
    if (text.starts_with(not_the_outbox)) {
        text.remove_prefix(not_the_outbox.size());
    }
    return sort_of_text(text);
}

std::string outbox_partition_text(std::string_view event_id) {
    // FNV-1a: any even spread does, as long as it never changes between two tries of a commit.
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char c : event_id) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    }
    return outbox_partition_text(static_cast<unsigned>((hash ^ (hash >> 32U)) % outbox_shards));
}

std::string outbox_partition_text(unsigned shard) {
    return cat(outbox_prefix, zero_padded(shard, 2));
}

}  // namespace souk::dynamo
