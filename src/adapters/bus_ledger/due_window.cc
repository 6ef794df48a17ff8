#include "adapters/bus_ledger/due_window.h"

#include "domain/ports/outbox.h"

namespace souk::bus {

Result<std::optional<DueKey>> DueWindow::soonest(const Outbox& outbox) {
    if (soon_.empty() && horizon_) {
        TRY(load(outbox));
    }
    return soon_.empty() ? std::nullopt : std::optional(*soon_.begin());
}

void DueWindow::insert(const DueKey& at) {
    if (horizon_ && at >= *horizon_) {
        return;
    }
    soon_.insert(at);
    if (soon_.size() > window_max) {
        const auto last = std::prev(soon_.end());
        horizon_ = *last;
        soon_.erase(last);
    }
}

Result<void> DueWindow::load(const Outbox& outbox) {
    constexpr std::size_t load_max = window_max / 2;  // Room for what comes in between.
    const auto entries = TRY(
        outbox.scan(pending_key(queue_, *horizon_), pending_key(queue_, last_due()), load_max + 1));
    for (const auto& entry : entries) {
        soon_.insert(due_of(entry.key));
    }
    horizon_.reset();
    if (soon_.size() > load_max) {
        const auto last = std::prev(soon_.end());
        horizon_ = *last;
        soon_.erase(last);
    }
    return {};
}

}  // namespace souk::bus
