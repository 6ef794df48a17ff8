#include <algorithm>
#include <limits>
#include <string>

#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "adapters/ledger_dynamodb/outbox_reader.h"
#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace dynamo;

bool same(const Row& a, const Row& b) {
    return a.key == b.key && a.version == b.version && a.body == b.body &&
           a.counters == b.counters && a.expires == b.expires && a.index == b.index;
}

/// An item that somebody else wrote is refused, or is a row that is written alike.
void check_item(JsonView item) {
    const auto row = decode_item("orders", item);
    if (!row) {
        HOLDS(row.error().code == errors::corrupt_row);
        return;
    }
    const std::string written = item_json(*row);
    const auto document = JsonDocument::parse(written);
    HOLDS(document.has_value());
    const auto again = decode_item("orders", document->root());
    HOLDS(again.has_value() && same(*again, *row));
    const auto live = decode_live("orders", item, Instant{});
    HOLDS(live.has_value());
    HOLDS(live->has_value() == (state_of(item, Instant{}) == RowState::live));
    static_cast<void>(outbox_record_in("orders", item));
}

void check_row(std::string_view input) {
    Bytes bytes(input);
    Row row;
    row.key = {"orders", bytes.text(), bytes.text()};
    row.version = bytes.number() & std::numeric_limits<std::int64_t>::max();
    if (bytes.flag()) {
        row.expires = Instant::from_unix_ms(bytes.integer() / 1'000'000);
    }
    for (auto& index : row.index) {
        if (bytes.flag()) {
            std::string partition = bytes.text();
            index = IndexKey{std::move(partition), bytes.text()};
        }
    }
    if (bytes.flag()) {
        row.counters["on_hand"] = bytes.integer();
    }
    row.body = bytes.rest();
    const std::string written = item_json(row);
    HOLDS(is_utf8(written));
    const auto document = JsonDocument::parse(written);
    HOLDS(document.has_value());
    const auto read = decode_item("orders", document->root());
    HOLDS(read.has_value() && same(*read, row));
    // No row is ever taken for an event that waits.
    HOLDS(!outbox_record_in("orders", document->root()));
}

bool bytes_less(std::string_view a, std::string_view b) {
    return std::string(a).compare(b) < 0;  // char_traits compares as unsigned.
}

void check_keys(std::string_view input) {
    HOLDS(sort_of_text(sort_text(input)) == input);
    HOLDS(partition_of_text(partition_text(input)) == input);
    HOLDS(is_utf8(sort_text(input)) && is_utf8(partition_text(input)));
    HOLDS(!partition_text(input).starts_with(outbox_prefix));
    HOLDS(outbox_partition_text(input).starts_with(outbox_prefix));
    if (const auto sort = sort_of_text(input)) {
        HOLDS(sort_text(*sort) == input);
    }
    const std::string_view other = input.substr(input.size() / 2);
    HOLDS(bytes_less(input, other) == bytes_less(sort_text(input), sort_text(other)));
}

void check_outbox(std::string_view input) {
    const auto event = parse_cloud_event(input);
    if (!event) {
        return;
    }
    const auto item = JsonDocument::parse(outbox_item_json(*event, Instant{}));
    HOLDS(item.has_value());
    const auto record = outbox_record_in("orders", item->root());
    HOLDS(record && record->event_id == event->id);
    HOLDS(parse_cloud_event(record->event).has_value());
}

}  // namespace

FUZZ_TARGET(dynamo_items) {
    if (const auto document = JsonDocument::parse(input)) {
        check_item(document->root());
    }
    check_row(input);
    check_keys(input);
    check_outbox(input);
}

}  // namespace souk::fuzz
