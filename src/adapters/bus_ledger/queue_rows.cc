#include "adapters/bus_ledger/queue_rows.h"

#include <algorithm>
#include <limits>

#include "domain/base/text.h"
#include "domain/ports/outbox.h"

namespace souk::bus {

namespace {

constexpr std::size_t number_bytes = 8;
constexpr char resting_mark = 'r';  // Behind the number; rows of earlier versions have none.

std::string due_bytes(const DueKey& at) {
    const auto ms = std::max<std::int64_t>(at.due.unix_ms(), 0);
    return cat(ordered_bytes(static_cast<std::uint64_t>(ms)), ordered_bytes(at.sequence));
}

std::string key_of(char kind, std::string_view queue, const DueKey& at) {
    return cat(kind, queue, '\0', due_bytes(at));
}

}  // namespace

std::string mark_key(std::string_view queue) { return cat('m', queue); }

std::string pending_key(std::string_view queue, const DueKey& at) { return key_of('p', queue, at); }

std::string dead_key(std::string_view queue, const DueKey& at) { return key_of('d', queue, at); }

DueKey due_of(std::string_view key) {
    CHECK(key.size() > 2 * number_bytes);
    const std::string_view numbers = key.substr(key.size() - 2 * number_bytes);
    return {Instant::from_unix_ms(static_cast<std::int64_t>(from_ordered_bytes(numbers))),
            from_ordered_bytes(numbers.substr(number_bytes))};
}

DueKey last_due() {
    return {Instant::from_unix_ms(std::numeric_limits<std::int64_t>::max()),
            std::numeric_limits<std::uint64_t>::max()};
}

std::string encode(const PendingRow& row) {
    std::string bytes = ordered_bytes(static_cast<std::uint64_t>(row.deliveries));
    if (row.state == PendingRow::State::resting) {
        bytes.push_back(resting_mark);
    }
    return bytes;
}

std::string encode(const DeadRow& row) {
    return cat(ordered_bytes(static_cast<std::uint64_t>(row.deliveries)), row.reason);
}

std::optional<PendingRow> decode_pending(std::string_view bytes) {
    const bool resting = bytes.size() == number_bytes + 1 && bytes.back() == resting_mark;
    if (bytes.size() != number_bytes && !resting) {
        return std::nullopt;
    }
    return PendingRow{static_cast<int>(from_ordered_bytes(bytes)),
                      resting ? PendingRow::State::resting : PendingRow::State::out};
}

std::optional<DeadRow> decode_dead(std::string_view bytes) {
    if (bytes.size() < number_bytes) {
        return std::nullopt;
    }
    return DeadRow{static_cast<int>(from_ordered_bytes(bytes)),
                   std::string(bytes.substr(number_bytes))};
}

std::string to_text(const DueKey& at) { return ascii_lower(to_hex(due_bytes(at))); }

std::optional<DueKey> from_text(std::string_view text) {
    if (text.size() != 4 * number_bytes) {
        return std::nullopt;
    }
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto byte = percent_decoded(cat('%', text.substr(i, 2)), PercentStyle::path);
        if (!byte || byte->size() != 1) {
            return std::nullopt;
        }
        bytes += *byte;
    }
    return due_of(cat('-', bytes));
}

}  // namespace souk::bus
