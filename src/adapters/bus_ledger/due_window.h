#pragma once

#include <optional>
#include <set>
#include <string>

#include "adapters/bus_ledger/queue_rows.h"
#include "domain/base/error.h"

namespace souk {
class Outbox;
}

namespace souk::bus {

/// The pending rows of one queue that are due soonest, in memory; the rest stays in the outbox
/// until its turn, so a million waiting messages cost no more memory than `window_max`, and rows
/// that are gone are never stepped over twice. Not thread-safe.
class DueWindow {
public:
    static constexpr std::size_t window_max = 10'000;

    explicit DueWindow(std::string queue) : queue_(std::move(queue)) {}

    /// The soonest pending row, read from the outbox if need be. Errors: ledger_unavailable,
    /// corrupt_row.
    [[nodiscard]] Result<std::optional<DueKey>> soonest(const Outbox& outbox);
    /// A pending row was written.
    void insert(const DueKey& at);
    /// A pending row was erased, or is being moved.
    void remove(const DueKey& at) { soon_.erase(at); }

    [[nodiscard]] std::size_t size() const { return soon_.size(); }

private:
    [[nodiscard]] Result<void> load(const Outbox& outbox);

    std::string queue_;
    std::set<DueKey> soon_;
    /// Rows from here on are in the outbox only; nothing when all rows are in memory.
    std::optional<DueKey> horizon_ = DueKey{};
};

}  // namespace souk::bus
