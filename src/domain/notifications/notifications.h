#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "domain/notifications/dead_letters.h"
#include "domain/notifications/mails.h"
#include "domain/notifications/webhooks.h"
#include "domain/ports/route.h"

/// The notifications service: what Souk tells people (mails) and programs (webhooks), and what its
/// queues gave up on (dead letters). Three small services that share one table.
namespace souk::notifications {

/// The queues that the reactions read.
inline constexpr std::string_view mails_queue = "notifications-mails";
inline constexpr std::string_view webhooks_queue = "notifications-webhooks";

class Notifications {
public:
    /// All references outlive the service. Shape: the ledger's table is "notifications";
    /// `alone_since` as for Mails.
    Notifications(const ServiceLedger& ledger, AllStores all_stores,
                  const stores::StoreDirectory& directory, const Templates& templates,
                  Mailer& mailer, HttpClient& client, MessageBus& bus,
                  PlainHttp plain_http = PlainHttp::refused,
                  std::optional<Instant> alone_since = std::nullopt)
        : mails_(ledger, all_stores, directory, templates, mailer, alone_since),
          webhooks_(ledger, all_stores, client, plain_http),
          dead_letters_(ledger, all_stores, bus),
          bus_(&bus) {}

    [[nodiscard]] const Mails& mails() const { return mails_; }
    [[nodiscard]] const Webhooks& webhooks() const { return webhooks_; }
    [[nodiscard]] const DeadLetters& dead_letters() const { return dead_letters_; }

    /// As Webhooks::sweep, and brings mails back (MailRevival): to be called every second or so, by
    /// one or several workers at once; by another one while sweeps wait for endpoints
    /// (Webhooks::swept_at_present), sweeps_max in all. One of them at a time brings mails back:
    /// who looks at dead letters hides them from others.
    [[nodiscard]] Result<int> sweep(Instant now) const;

private:
    Mails mails_;
    Webhooks webhooks_;
    DeadLetters dead_letters_;
    MessageBus* bus_;
    std::shared_ptr<std::mutex> reviving_ = std::make_shared<std::mutex>();  // Of all copies.
};

/// The handlers refer to `notifications`.
[[nodiscard]] std::vector<Route> routes(Notifications& notifications);
[[nodiscard]] std::vector<Reaction> reactions(Notifications& notifications);
/// The queues of those reactions and the types that they take.
[[nodiscard]] std::vector<Subscription> subscriptions();

}  // namespace souk::notifications
