#include <algorithm>

#include "domain/notifications/limits.h"
#include "domain/notifications/redaction.h"
#include "domain/notifications/webhooks.h"

namespace souk::notifications {

namespace {

/// Those that were there when it happened, and want such events.
std::vector<Webhook> wanting(std::vector<Webhook> webhooks, const Event& event) {
    std::erase_if(webhooks, [&](const Webhook& webhook) {
        return webhook.status == WebhookStatus::disabled || !webhook.wants(event.type) ||
               event.time < webhook.created_at;
    });
    return webhooks;
}

}  // namespace

Result<Changes> Webhooks::deliver_to(const std::vector<Webhook>& webhooks, const Event& event,
                                     const Turns::Turn& turn, std::vector<Delivery>& prompt) const {
    const Environment env = environment();
    const Instant now = env.now();
    const auto store = TRY(StoreId::parse(event.store()));
    const WebhookRepository repository = this->repository(store);
    Event shown = event;
    shown.body = TRY(without_codes(event.body));
    Changes changes;
    repository.keep_event(changes, event.id, render_cloud_event(shown), now);
    for (const auto& webhook : webhooks) {
        const Delivery fresh =
            new_delivery(env.fresh<DeliveryId>(), webhook.id, event.id, event.type, now);
        // Written as claimed already, a prompt one needs no second commit before it is sent.
        const bool at_once = turn && webhook.prompt();
        const Delivery written = at_once ? claimed(fresh, now) : fresh;
        repository.add(changes, written);
        if (at_once) {
            prompt.push_back(written);
        }
    }
    return changes;
}

Result<void> Webhooks::fan_out(const Event& event, std::string_view queue) const {
    const auto store = StoreId::parse(event.store());
    if (!store) {
        return {};  // The platform's own events are no store's.
    }
    const WebhookRepository repository = this->repository(*store);
    if (wanting(TRY(repository.all()), event).empty()) {
        return {};  // Nothing to remember either: saves most stores a commit for every event.
    }
    // Held until the attempts are over. An endpoint that takes its time, though nobody knows it for
    // slow yet, would otherwise take all workers, and the first deliveries of other stores wait.
    const Turns::Turn turn = under_way_->reactions.begin(store->text(), environment().now());
    std::vector<Delivery> prompt;
    TRY(react_once(event, queue, ledger_, repository.ledger(), [&]() -> Result<Changes> {
        prompt.clear();
        return deliver_to(wanting(TRY(repository.all()), event), event, turn, prompt);
    }));
    attempt_promptly(repository, prompt);
    return {};
}

void Webhooks::attempt_promptly(const WebhookRepository& repository,
                                const std::vector<Delivery>& deliveries) const {
    const Environment env = environment();
    const Instant begun = env.now();
    for (const auto& mine : deliveries) {
        // Read again: when the commit lost its race to another delivery of the same event, nothing
        // of this was written.
        const auto written = repository.find(mine.webhook, mine.id);
        if (!written || !*written || (*written)->attempts != mine.attempts) {
            continue;
        }
        const bool time_left = env.now() - begun < reaction_share_max;
        const Result<void> done = time_left ? attempt(repository, **written)
                                            : defer(repository, unclaimed(**written, env.now()));
        if (!done) {
            env.telemetry.log(LogLevel::warning, "A webhook delivery is left to the sweep",
                              {{"delivery", mine.id.text()}, {"reason", done.error().detail}});
        }
    }
}

}  // namespace souk::notifications
