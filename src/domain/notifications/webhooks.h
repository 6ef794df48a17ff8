#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/notifications/delivery.h"
#include "domain/notifications/limits.h"
#include "domain/notifications/turns.h"
#include "domain/notifications/webhook.h"
#include "domain/notifications/webhook_repository.h"
#include "domain/ports/http_client.h"
#include "domain/ports/sweep.h"
#include "domain/ports/unit_of_work.h"

/// Webhooks by the Standard Webhooks specification: endpoints, and deliveries that are retried for
/// about 32 hours.
namespace souk::notifications {

struct NewWebhook {
    std::string url;
    std::vector<std::string> events;
    std::string description;
};

/// What is set is changed.
struct WebhookPatch {
    std::optional<std::string> url;
    std::optional<std::vector<std::string>> events;
    std::optional<std::string> description;
    std::optional<WebhookStatus> status;
};

/// Whether endpoints may be plain http: for an operator who tries things out on one machine.
enum class PlainHttp { refused, allowed };

class Webhooks {
public:
    Webhooks(ServiceLedger ledger, AllStores all_stores, HttpClient& client, PlainHttp plain_http)
        : ledger_(std::move(ledger)),
          all_stores_(all_stores),
          client_(&client),
          plain_http_(plain_http) {}

    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }

    /// Errors: validation_failed (the URL), webhooks_limit_reached.
    [[nodiscard]] Result<Change<IssuedWebhook>> create(const Caller& caller,
                                                       const NewWebhook& command) const;
    [[nodiscard]] Result<Webhook> webhook(const Caller& caller, const WebhookId& id) const;
    /// Oldest first: at most webhooks_per_store_max.
    [[nodiscard]] Result<std::vector<Webhook>> list(const Caller& caller) const;
    /// Enabling forgets former failures. Errors: not_found, version_mismatch, validation_failed.
    [[nodiscard]] Result<Change<Webhook>> change(const Caller& caller, const WebhookId& id,
                                                 const WebhookPatch& patch) const;
    /// Its deliveries are forgotten when they come due or expire.
    /// Errors: not_found, version_mismatch.
    [[nodiscard]] Result<Change<Done>> remove(const Caller& caller, const WebhookId& id) const;
    /// A fresh secret; the former signs beside it for secret_overlap.
    /// Errors: not_found, secrets_limit_reached.
    [[nodiscard]] Result<Change<IssuedWebhook>> rotate_secret(const Caller& caller,
                                                              const WebhookId& id) const;
    /// Sends souk.webhook.test.v1 to this endpoint, whatever events it wants.
    /// Errors: not_found, webhook_disabled.
    /// Effects: a delivery that is due at once; the next sweep attempts it.
    [[nodiscard]] Result<Change<Delivery>> test(const Caller& caller, const WebhookId& id) const;
    /// Newest first. Errors: not_found, invalid_cursor.
    [[nodiscard]] Result<DeliveryPage> deliveries(const Caller& caller, const WebhookId& id,
                                                  int limit, std::string_view cursor) const;
    /// The same event again, on a fresh schedule; the next sweep attempts it.
    /// Errors: not_found, webhook_disabled, delivery_under_way.
    [[nodiscard]] Result<Change<Delivery>> redeliver(const Caller& caller, const WebhookId& id,
                                                     const DeliveryId& delivery) const;

    /// Writes a delivery for every endpoint that wants the event, then attempts those of prompt
    /// endpoints; what it does not come to, or what a crash interrupts, the sweep attempts. So it
    /// does all of a store whose attempts occupy reactions_at_store_max calls already.
    /// Repeat: once per event and queue.
    [[nodiscard]] Result<void> fan_out(const Event& event, std::string_view queue) const;

    /// Attempts deliveries that have come due, at most sweep_batch_max; returns how many rows it
    /// settled or put off. Any number of sweeps may run at once: each delivery is
    /// claimed before it is sent.
    /// Effects: waits for the endpoints, up to attempt_timeout each; one store takes at most
    /// store_share_max, all of them together sweep_share_max, plus one attempt. Of the sweeps of
    /// this process at most sweeps_at_store_max are at one store.
    /// Errors: the ledger's; what fails for one row is logged and leaves that row to the next
    /// sweep.
    /// `others` settles what is due in the table and no delivery.
    [[nodiscard]] Result<int> sweep(
        Instant now, const std::function<Result<Swept>(const DueRow&)>& others) const;
    /// Attempts that sweeps of this process are at.
    [[nodiscard]] std::size_t swept_at_present() const { return under_way_->stores.under_way(); }

private:
    struct UnderWay {
        Turns reactions{reactions_at_store_max, reactions_attempting_max};
        Turns stores{sweeps_at_store_max, sweeps_max};
        Turns endpoints{sweeps_at_endpoint_max, sweeps_max};
    };

    [[nodiscard]] WebhookRepository repository(const StoreId& store) const {
        return WebhookRepository(ledger_.store(store));
    }
    [[nodiscard]] Environment environment() const { return ledger_.environment(); }
    [[nodiscard]] std::string sealing_key() const { return environment().key_for("webhooks"); }
    [[nodiscard]] IssuedWebhook issued(Webhook webhook, std::string_view secret) const;
    [[nodiscard]] Result<void> check_url(std::string_view url) const;
    /// `turn`: null where none may be attempted at once.
    [[nodiscard]] Result<Changes> deliver_to(const std::vector<Webhook>& webhooks,
                                             const Event& event, const Turns::Turn& turn,
                                             std::vector<Delivery>& prompt) const;
    void attempt_promptly(const WebhookRepository& repository,
                          const std::vector<Delivery>& deliveries) const;

    struct Round;  // What one sweep remembers.
    [[nodiscard]] Result<Swept> settle_due(const DueRow& due, Round& round) const;
    [[nodiscard]] Result<std::optional<Delivery>> claim(const WebhookRepository& repository,
                                                        const WebhookId& webhook,
                                                        const DeliveryId& id, Instant now) const;
    [[nodiscard]] Result<void> defer(const WebhookRepository& repository,
                                     const Delivery& later) const;
    /// Sends a claimed delivery and records what came of it.
    [[nodiscard]] Result<void> attempt(const WebhookRepository& repository,
                                       const Delivery& claimed) const;
    [[nodiscard]] Attempt send(const Webhook& webhook, const Delivery& delivery,
                               std::string_view body,
                               const std::vector<std::string>& secrets) const;
    /// `asked`: the address that the attempt was made at.
    [[nodiscard]] Result<void> settle(const WebhookRepository& repository, const Delivery& claimed,
                                      const Attempt& attempt, std::string_view asked) const;

    ServiceLedger ledger_;
    AllStores all_stores_;
    HttpClient* client_;
    PlainHttp plain_http_;
    std::shared_ptr<UnderWay> under_way_ = std::make_shared<UnderWay>();  // Of all copies.
};

}  // namespace souk::notifications
