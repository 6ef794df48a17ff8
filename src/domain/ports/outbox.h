#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/event.h"
#include "domain/ports/ledger.h"

/// What an embedded ledger and the message bus inside it share: the ledger puts a commit's events
/// into the queues that subscribe to them, in the same atomic write; the bus takes them from there
/// and keeps its own bookkeeping in the same ordered key space, which no Ledger read or write can
/// reach.
namespace souk {

struct OutboxEntry {
    std::string key;
    std::string value;
};

/// Stores `value` under `key`, or erases the key when there is none.
struct OutboxWrite {
    std::string key;
    std::optional<std::string> value;
};

/// Where a commit puts its events: one entry per event and subscribed queue, its value from
/// `encode_event`. Sequences rise strictly, over all queues and restarts, and become visible in
/// that order: a reader that has seen one needs never look below it again.
[[nodiscard]] std::string arrival_key(std::string_view queue, std::uint64_t sequence);
/// The sequence in such a key. Requires that `arrival_key` made it.
[[nodiscard]] std::uint64_t arrival_sequence(std::string_view key);
/// 8 bytes whose order is the number's, for keys.
[[nodiscard]] std::string ordered_bytes(std::uint64_t number);
/// Requires at least 8 bytes; reads the first 8.
[[nodiscard]] std::uint64_t from_ordered_bytes(std::string_view bytes);

/// An event as bytes, exactly.
[[nodiscard]] std::string encode_event(const Event& event);
/// Errors: corrupt_row.
[[nodiscard]] Result<Event> decode_event(std::string_view bytes);

/// The outbox's corner of a ledger's database. Thread-safe. Errors of all: ledger_unavailable,
/// corrupt_row.
class Outbox {
public:
    virtual ~Outbox() = default;

    [[nodiscard]] virtual const std::vector<Subscription>& subscriptions() const = 0;
    /// The value, or nothing.
    [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view key) const = 0;
    /// Entries with from <= key < before in key order, at most `count_max`.
    [[nodiscard]] virtual Result<std::vector<OutboxEntry>> scan(std::string_view from,
                                                                std::string_view before,
                                                                std::size_t count_max) const = 0;
    /// All or nothing. Durability::relaxed: survives the death of the process.
    [[nodiscard]] virtual Result<void> write(const std::vector<OutboxWrite>& writes) = 0;

    /// Tells `observer` of every commit until `forget`, which returns once no call is under way.
    virtual void observe(CommitObserver& observer) = 0;
    virtual void forget(CommitObserver& observer) = 0;
};

}  // namespace souk
