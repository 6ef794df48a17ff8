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

Result<int> Webhooks::sweep(Instant now,
                            const std::function<Result<Swept>(const DueRow&)>& others) const {
    const Environment env = environment();
    Shares shares;
    const Instant began = env.now();
    int put_off = 0;
    const auto settle = [&](const DueRow& due) -> Result<Swept> {
        if (!due.row.partition.starts_with(row_keys::deliveries_prefix)) {
            return others(due);
        }
        const WebhookRepository repository = this->repository(due.store);
        const Delivery seen = TRY(decode_delivery(due.row));
        if (shares.used_up(due.store, seen.webhook)) {
            // Moved out of the way, or the head of the queue would be the same rows again and
            // again.
            TRY(defer(repository, postponed(seen, env.now() + deferral)));
            ++put_off;
            return Swept::settled;
        }
        if (env.now() - began > sweep_share_max) {
            return Swept::left;
        }
        if (const auto mine = TRY(claim(repository, seen.webhook, seen.id, now))) {
            const Instant begun = env.now();
            const auto attempted = attempt(repository, *mine);
            shares.take(due.store, seen.webhook, env.now() - begun);
            TRY(attempted);
        }
        return Swept::settled;
    };
    // What is only put off must not use up the batch: behind a heap for an endpoint that hangs
    // wait the deliveries of all others.
    int settled = 0;
    do {
        put_off = 0;
        settled +=
            TRY(sweep_due(ledger_, ledger_.platform(all_stores_), now, sweep_batch_max, settle));
    } while (put_off > 0 && env.now() - began <= sweep_share_max);
    return settled;
}

}  // namespace souk::notifications
