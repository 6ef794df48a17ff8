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

/// What one look at what is due came upon.
struct Seen {
    int rows = 0;
    int put_off = 0;
    int busy = 0;  // Left to the sweeps that are at their endpoints already, or to the next.
};

/// A turn at an endpoint and its store, or why there is none.
struct Place {
    Turns::Turn at_endpoint, at_store;
    bool hopeless = false;  // Nor will there be one soon.

    [[nodiscard]] bool granted() const { return at_endpoint && at_store; }
};

Place place_at(Turns& endpoints, Turns& stores, const WebhookId& webhook, const StoreId& store,
               Instant now) {
    Place place{.at_endpoint = endpoints.begin(webhook.text(), now),
                .at_store = stores.begin(store.text(), now)};
    place.hopeless = (!place.at_endpoint && endpoints.hang(webhook.text(), now)) ||
                     (!place.at_store && stores.hang(store.text(), now));
    return place;
}

}  // namespace

struct Webhooks::Round {
    Instant now;  // What has come due by then is its business.
    Instant began;
    Shares shares = {};
    Seen seen = {};

    [[nodiscard]] bool time_is_up(Instant present) const {
        return present - began > sweep_share_max;
    }
};

Result<Swept> Webhooks::settle_due(const DueRow& due, Round& round) const {
    const Environment env = environment();
    const WebhookRepository repository = this->repository(due.store);
    const Delivery delivery = TRY(decode_delivery(due.row));
    const Place place =
        place_at(under_way_->endpoints, under_way_->stores, delivery.webhook, due.store, env.now());
    if (place.hopeless || round.shares.used_up(due.store, delivery.webhook)) {
        // Moved out of the way, or the head of the queue would be the same rows again and again.
        TRY(defer(repository, postponed(delivery, env.now() + deferral)));
        ++round.seen.put_off;
        return Swept::settled;
    }
    if (round.time_is_up(env.now()) || !place.granted()) {
        round.seen.busy += place.granted() ? 0 : 1;
        return Swept::left;
    }
    if (const auto mine = TRY(claim(repository, delivery.webhook, delivery.id, round.now))) {
        const Instant begun = env.now();
        const auto attempted = attempt(repository, *mine);
        round.shares.take(due.store, delivery.webhook, env.now() - begun);
        TRY(attempted);
    }
    return Swept::settled;
}

Result<int> Webhooks::sweep(Instant now,
                            const std::function<Result<Swept>(const DueRow&)>& others) const {
    const Environment env = environment();
    Round round{.now = now, .began = env.now()};
    const auto settle = [&](const DueRow& due) -> Result<Swept> {
        ++round.seen.rows;
        if (due.row.partition.starts_with(row_keys::deliveries_prefix)) {
            return settle_due(due, round);
        }
        if (round.time_is_up(env.now())) {
            return Swept::left;
        }
        auto swept = others(due);
        round.seen.busy += !swept || *swept == Swept::left ? 1 : 0;
        return swept;
    };
    // What is only put off, or is others' work, must not use up the batch: behind a heap for an
    // endpoint that hangs wait the deliveries of all others.
    int settled = 0;
    int looks = sweep_batch_max;
    bool more_behind = true;
    while (more_behind) {
        round.seen = {};
        settled += TRY(sweep_due(ledger_, ledger_.platform(all_stores_), now, looks, settle));
        const Seen& seen = round.seen;
        const bool hidden = seen.busy > 0 && seen.rows == looks && looks < sweep_looks_max;
        looks *= hidden ? 2 : 1;
        more_behind = (seen.put_off > 0 || hidden) && !round.time_is_up(env.now());
    }
    return settled;
}

}  // namespace souk::notifications
