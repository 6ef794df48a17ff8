#include <algorithm>
#include <string>

#include "adapters/bus_ledger/queue_rows.h"
#include "adapters/ledger_rocksdb/key_codec.h"
#include "adapters/ledger_rocksdb/row_codec.h"
#include "domain/base/text.h"
#include "domain/ports/outbox.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace rocks;

bool same(const StoredRow& a, const StoredRow& b) {
    return a.version == b.version && a.expires == b.expires && a.index == b.index &&
           a.counters == b.counters && a.body == b.body;
}

/// A row that is damaged is refused, or is a row; never anything else.
void check_damaged_row(std::string_view input) {
    const auto row = decode_row(input);
    if (!row) {
        HOLDS(row.error().code == errors::corrupt_row);
        return;
    }
    HOLDS(input.ends_with(row->body));
    const std::string written = cat(encode_head(*row), row->body);
    const auto again = decode_row(written);
    HOLDS(again.has_value() && same(*again, *row));
}

StoredRow row_from(Bytes& bytes, std::string_view body) {
    StoredRow row;
    row.version = bytes.number();
    if (bytes.flag()) {
        row.expires = Instant::from_unix_ms(bytes.integer());
    }
    for (auto& index : row.index) {
        if (bytes.flag()) {
            std::string partition = bytes.text();
            index = IndexKey{std::move(partition), bytes.text()};
        }
    }
    for (std::size_t left = bytes.below(4); left > 0; --left) {
        std::string name = bytes.text();
        row.counters[std::move(name)] = bytes.integer();
    }
    row.body = body;
    return row;
}

void check_row(std::string_view input) {
    Bytes bytes(input);
    const StoredRow row = row_from(bytes, input);
    const std::string written = cat(encode_head(row), row.body);
    const auto read = decode_row(written);
    HOLDS(read.has_value() && same(*read, row));
    // Cut anywhere in its head it is refused.
    const std::size_t head = written.size() - row.body.size();
    HOLDS(!decode_row(std::string_view(written).substr(0, input.size() % head)));
}

RowKey key_from(Bytes& bytes) {
    std::string table = bytes.text();
    std::string partition = bytes.text();
    return {std::move(table), std::move(partition), bytes.text()};
}

bool bytes_less(std::string_view a, std::string_view b) {
    return std::ranges::lexicographical_compare(
        a, b, {}, [](char c) { return static_cast<unsigned char>(c); },
        [](char c) { return static_cast<unsigned char>(c); });
}

/// Keys come back as they went, and sort in their partition as their sorts do.
void check_keys(std::string_view input) {
    Bytes bytes(input);
    const RowKey key = key_from(bytes);
    HOLDS(parse_row_key(row_key(key)) == key);
    RowKey other = key;
    other.sort = bytes.text();
    HOLDS(bytes_less(row_key(key), row_key(other)) == bytes_less(key.sort, other.sort));
    HOLDS(row_key(key).starts_with(partition_prefix(Area::row, key.table, key.partition)));

    const IndexKey at{bytes.text(), bytes.text()};
    const IndexKey later{at.partition, bytes.text()};
    const std::string entry = index_key(Area::index_1, key, at);
    const std::string prefix = partition_prefix(Area::index_1, key.table, at.partition);
    HOLDS(entry.starts_with(prefix));
    HOLDS(row_key_in(key.table, std::string_view(entry).substr(prefix.size())) == row_key(key));
    if (at.sort != later.sort) {
        const std::string later_entry = index_key(Area::index_1, key, later);
        HOLDS(bytes_less(entry, later_entry) == bytes_less(at.sort, later.sort));
        // Where a range of sorts begins, its first entry comes after, its predecessors before.
        const std::string start = cat(prefix, escaped_sort(later.sort));
        HOLDS(bytes_less(entry, start) == bytes_less(at.sort, later.sort));
    }
    const Instant expires = Instant::from_unix_ms(bytes.integer());
    const std::string expiry = expiry_key(expires, row_key(key));
    HOLDS(row_key_of_expiry(expiry) == row_key(key));
    HOLDS(instant_of_expiry(expiry) == std::max(expires, Instant{}));
    if (!prefix.empty()) {
        HOLDS(bytes_less(entry, after_prefix(prefix)));
    }
}

void check_damaged_keys(std::string_view input) {
    if (const auto key = parse_row_key(input)) {
        HOLDS(row_key(*key) == input);
    }
    if (const auto key = row_key_in("orders", input)) {
        const auto parsed = parse_row_key(*key);
        HOLDS(parsed && parsed->table == "orders");
    }
}

void check_events(std::string_view input) {
    if (const auto event = decode_event(input)) {
        HOLDS(input.starts_with(encode_event(*event)));
    }
    Bytes bytes(input);
    Event event{bytes.text(),
                bytes.text(),
                bytes.text(),
                bytes.text(),
                Instant::from_unix_ms(bytes.integer()),
                bytes.text(),
                bytes.text()};
    const std::string written = encode_event(event);
    const auto read = decode_event(written);
    HOLDS(read.has_value() && encode_event(*read) == written && read->time == event.time);
    HOLDS(!decode_event(std::string_view(written).substr(0, input.size() % written.size())));
}

void check_queue_rows(std::string_view input) {
    if (const auto row = bus::decode_pending(input)) {
        const auto again = bus::decode_pending(bus::encode(*row));
        HOLDS(again && again->deliveries == row->deliveries);
    }
    if (const auto row = bus::decode_dead(input)) {
        const auto again = bus::decode_dead(bus::encode(*row));
        HOLDS(again && again->deliveries == row->deliveries && again->reason == row->reason);
    }
    if (const auto due = bus::from_text(input)) {
        const auto again = bus::from_text(bus::to_text(*due));
        HOLDS(again.has_value());
        HOLDS(due->due < Instant{} || again == due);
    }
    Bytes bytes(input);
    const bus::DueKey at{Instant::from_unix_ms(bytes.integer() & 0x7FFFFFFFFFFF), bytes.number()};
    const bus::DueKey other{Instant::from_unix_ms(bytes.integer() & 0x7FFFFFFFFFFF),
                            bytes.number()};
    HOLDS(bus::from_text(bus::to_text(at)) == at && bus::due_of(bus::dead_key("q", at)) == at);
    HOLDS(bytes_less(bus::pending_key("q", at), bus::pending_key("q", other)) == (at < other));
}

}  // namespace

FUZZ_TARGET(rocks_rows) {
    check_damaged_row(input);
    check_row(input);
    check_keys(input);
    check_damaged_keys(input);
    check_events(input);
    check_queue_rows(input);
}

}  // namespace souk::fuzz
