#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"

/// The bus's rows in the outbox. A message is in exactly one state:
///   arrived    its arrival entry lies above the queue's mark; never delivered
///   pending    its arrival entry lies at or below the mark, and one pending row says when it is
///              due next
///   dead       its arrival entry lies at or below the mark, and one dead row says why
/// The event is written once, by the commit; changing state moves small rows only.
namespace souk::bus {

/// Names a message between deliveries, and orders messages by when they are due.
struct DueKey {
    Instant due;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const DueKey&, const DueKey&) = default;
};

struct PendingRow {
    enum class State {
        out,      // A consumer has it; its process's death frees it.
        resting,  // It failed and waits for its next delivery, whatever process gives it.
    };
    int deliveries = 0;  // So far, this one included while it is out.
    State state = State::out;
};
struct DeadRow {
    int deliveries = 0;
    std::string reason;
};

/// The mark: the sequence of the last message that was ever delivered first.
[[nodiscard]] std::string mark_key(std::string_view queue);
[[nodiscard]] std::string pending_key(std::string_view queue, const DueKey& at);
/// Shape: `at.due` is when the message died.
[[nodiscard]] std::string dead_key(std::string_view queue, const DueKey& at);
/// The due part of a pending or dead row's key.
[[nodiscard]] DueKey due_of(std::string_view key);
/// Behind all pending or dead rows of the queue.
[[nodiscard]] DueKey last_due();

[[nodiscard]] std::string encode(const PendingRow& row);
[[nodiscard]] std::string encode(const DeadRow& row);
/// Nothing if malformed.
[[nodiscard]] std::optional<PendingRow> decode_pending(std::string_view bytes);
[[nodiscard]] std::optional<DeadRow> decode_dead(std::string_view bytes);

/// A receipt, or a dead letter's id: the key of the row that it stands for, in letters and digits.
[[nodiscard]] std::string to_text(const DueKey& at);
[[nodiscard]] std::optional<DueKey> from_text(std::string_view text);

}  // namespace souk::bus
