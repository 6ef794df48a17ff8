#include <map>

#include "domain/notifications/limits.h"
#include "domain/notifications/row_keys.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

namespace {

/// What endpoints and stores have taken of this sweep's time.
class Shares {
public:
    [[nodiscard]] bool used_up(const StoreId& store, const WebhookId& webhook) {
        return by_webhook_[webhook] >= endpoint_share_max || by_store_[store] >= store_share_max;
    }
    void take(const StoreId& store, const WebhookId& webhook, std::chrono::milliseconds time) {
        by_webhook_[webhook] += time;
        by_store_[store] += time;
    }

private:
    std::map<WebhookId, std::chrono::milliseconds> by_webhook_;
    std::map<StoreId, std::chrono::milliseconds> by_store_;
};

}  // namespace

// What can never be read must not stay at the head of the queue for ever: its row is kept, but no
// longer due.
Result<void> Webhooks::set_aside(const DueRow& broken) const {
    StoreRow row = broken.row;
    row.due.reset();
    Changes changes;
    ledger_.store(broken.store).put(changes, std::move(row), Expect::at(broken.row.version));
    const auto committed = ledger_.commit(changes);
    const bool changed = !committed && committed.error().code == errors::ledger_conflict;
    return changed ? Result<void>{} : committed;
}

Result<int> Webhooks::sweep(Instant now) const {
    const Environment env = environment();
    Shares shares;
    int settled = 0;
    const auto rows = TRY(ledger_.platform(all_stores_).due(now, sweep_batch_max));
    const auto one = [&](const DueRow& due) -> Result<void> {
        const WebhookRepository repository = this->repository(due.store);
        const Delivery seen = TRY(decode_delivery(due.row));
        if (shares.used_up(due.store, seen.webhook)) {
            // Moved out of the way, or the head of the queue would be the same rows again and
            // again.
            return defer(repository, postponed(seen, env.now() + deferral));
        }
        const auto mine = TRY(claim(repository, seen.webhook, seen.id, now));
        if (!mine) {
            return {};
        }
        const Instant begun = env.now();
        auto attempted = attempt(repository, *mine);
        shares.take(due.store, seen.webhook, env.now() - begun);
        return attempted;
    };
    for (const auto& due : rows) {
        if (!due.row.partition.starts_with(row_keys::deliveries_prefix)) {
            continue;
        }
        const auto done = one(due);
        settled += done ? 1 : 0;
        if (!done) {
            env.telemetry.log(LogLevel::warning, "A webhook delivery could not be dealt with",
                              {{"row", due.row.sort}, {"reason", done.error().detail}});
        }
        if (!done && done.error().code.kind == ErrorKind::corrupt) {
            TRY(set_aside(due));
            ++settled;
        }
    }
    return settled;
}

}  // namespace souk::notifications
