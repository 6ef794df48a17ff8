#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/environment.h"
#include "domain/ports/event.h"
#include "domain/ports/http_client.h"
#include "domain/ports/identity.h"
#include "domain/ports/mailer.h"
#include "domain/ports/media.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/payments.h"
#include "domain/ports/route.h"
#include "domain/ports/store_ledger.h"
#include "domain/ports/templates.h"
#include "gateway/gateway.h"

namespace souk::products {
class Products;
}
namespace souk::stores {
class Stores;
}
namespace souk::users {
class Users;
}

namespace souk::app {

/// What the services stand on, whichever home it comes from. All of it outlives them.
struct Adapters {
    Environment environment;
    /// Reads through a TrackedLedger of `epochs` where pages are cached in process.
    Ledger& ledger;
    const gateway::CommitEpochs& epochs;
    MessageBus& bus;
    Identity& identity;
    Mailer& mailer;
    Media& media;
    Payments& payments;
    HttpClient& http_client;
    const Templates& templates;
};

enum class PrivateWebhooks { refused, allowed };

struct ServicesOptions {
    gateway::GatewayOptions gateway = {};
    /// For what is asked for at every step and seldom changes: stores' settings, and offers. Only
    /// where all commits are this process's own, as for the page cache.
    std::size_t kept_bytes_max = 0;
    std::chrono::seconds payment_deadline{900};
    PrivateWebhooks private_webhooks = PrivateWebhooks::refused;
    /// From when on no other process works for these stores, where that is known.
    std::optional<Instant> alone_since = std::nullopt;
    /// What must hold for /readyz besides a readable ledger.
    std::function<Result<void>()> ready = [] { return Result<void>{}; };
    /// What /metrics shows, in Prometheus' text format, to those who may read it.
    std::function<Result<std::string>(const Request&)> metrics = [](const Request&) {
        return std::string();
    };
    /// Of the home itself (files that it serves).
    std::vector<Route> routes = {};
};

/// Which events each queue receives: all services' subscriptions.
[[nodiscard]] std::vector<Subscription> subscriptions();

/// The six services on one set of adapters, and the gateway before them. Knows all services by
/// name, and no adapter.
class Services {
public:
    Services(const Adapters& adapters, ServicesOptions options);
    ~Services();
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    /// Built when it is first asked for: functions that react only have no use for it. Thread-safe.
    [[nodiscard]] gateway::Gateway& gateway();
    [[nodiscard]] stores::Stores& stores();
    [[nodiscard]] products::Products& products();
    [[nodiscard]] users::Users& users();
    /// All reactions of all services.
    [[nodiscard]] std::vector<Reaction> reactions();

    /// Work that is due by the clock.
    struct Chore {
        std::string name;  // "{service}.{what}"
        std::chrono::milliseconds period;
        std::function<Result<int>(Instant now)> sweep;
        std::chrono::milliseconds longest{0};  // That one sweep may wait for others.
        /// Of it alone, where no other chore begins further sweeps: in a function.
        std::size_t at_once = 1;
    };
    [[nodiscard]] std::vector<Chore> chores();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
