#include "apps/services/services.h"

#include <mutex>
#include <utility>

#include "apps/services/further_sweeps.h"
#include "apps/services/offer_cache.h"
#include "apps/services/store_cache.h"
#include "apps/services/tenant_wiring.h"
#include "domain/carts/carts.h"
#include "domain/notifications/notifications.h"
#include "domain/orders/cart_holds.h"
#include "domain/orders/orders.h"
#include "domain/products/products.h"
#include "domain/products/routes.h"
#include "domain/stores/routes.h"
#include "domain/stores/stores.h"
#include "domain/users/routes.h"
#include "domain/users/users.h"
#include "gateway/openapi.h"
#include "gateway/operator_routes.h"

namespace souk::app {

namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

notifications::PlainHttp plain_http(PrivateWebhooks webhooks) {
    return webhooks == PrivateWebhooks::allowed ? notifications::PlainHttp::allowed
                                                : notifications::PlainHttp::refused;
}

/// A cache of this kind over what it stands for, where one is wanted.
template <class Cache, class Original>
std::unique_ptr<Cache> kept(const Original& original, const Adapters& with,
                            const ServicesOptions& options) {
    return options.kept_bytes_max == 0
               ? nullptr
               : std::make_unique<Cache>(original, with.epochs, options.kept_bytes_max / 2);
}

/// The cache, or what it would stand for.
template <class Port, class Cache>
const Port& either(const std::unique_ptr<Cache>& cache, const Port& original) {
    return cache ? static_cast<const Port&>(*cache) : original;
}

ServiceLedger table(const Adapters& adapters, std::string name) {
    return ServiceLedger(adapters.ledger, std::move(name), adapters.environment);
}

}  // namespace

std::vector<Subscription> subscriptions() {
    std::vector<Subscription> all = products::subscriptions();
    append(all, carts::subscriptions());
    append(all, orders::subscriptions());
    append(all, notifications::subscriptions());
    return all;
}

/// In the order of their making: each stands on those above it, and goes before them.
struct Services::Parts {
    users::Users users;
    stores::Stores stores;
    std::unique_ptr<StoreCache> kept_stores;
    const stores::StoreDirectory& directory;
    products::Products products;
    std::unique_ptr<OfferCache> kept_offers;
    const products::Catalog& catalog;
    orders::HoldsOfOrders holds;
    carts::Carts carts;
    orders::Orders orders;
    notifications::Notifications notifications;
    StoreTenants tenants;
    Adapters adapters;
    ServicesOptions options;
    std::once_flag gateway_built, openapi_rendered;
    std::string openapi;
    std::unique_ptr<gateway::Gateway> gateway;
    FurtherSweeps further_sweeps;

    Parts(const Adapters& with, ServicesOptions wanted, AllStores all)
        : users(table(with, "users"), all, with.identity),
          stores(table(with, "stores"), all, users),
          kept_stores(kept<StoreCache>(stores, with, wanted)),
          directory(either<stores::StoreDirectory>(kept_stores, stores)),
          products(table(with, "products"), all, directory, with.media),
          kept_offers(kept<OfferCache>(products, with, wanted)),
          catalog(either<products::Catalog>(kept_offers, products)),
          holds(table(with, "orders")),
          carts(table(with, "carts"), all, directory, catalog, holds),
          orders(table(with, "orders"), all, carts, with.payments,
                 orders::OrdersOptions{.payment_deadline = wanted.payment_deadline}),
          notifications(table(with, "notifications"), all, directory, with.templates, with.mailer,
                        with.http_client, with.bus, plain_http(wanted.private_webhooks),
                        wanted.alone_since),
          tenants(directory),
          adapters(with),
          options(std::move(wanted)),
          further_sweeps([this](Instant now) { return notifications.sweep(now); },
                         with.environment) {}

    void build_gateway();
    /// Rendered when it is first asked for: a function's start must not wait for it.
    const std::string& openapi_document() {
        std::call_once(openapi_rendered,
                       [this] { openapi = gateway::render_openapi(gateway->routes()); });
        return openapi;
    }
};

void Services::Parts::build_gateway() {
    gateway::OperatorPages pages;
    pages.ready = [&ledger = adapters.ledger, home = std::move(options.ready)]() -> Result<void> {
        TRY(ledger.get({"stores", "platform#ready", "ready"}));
        return home();
    };
    pages.metrics = std::move(options.metrics);
    pages.openapi = [this] { return openapi_document(); };
    std::vector<Route> routes = gateway::operator_routes(std::move(pages), adapters.identity);
    append(routes, stores::routes(stores));
    append(routes, users::routes(users));
    append(routes, products::routes(products));
    append(routes, carts::routes(carts));
    append(routes, orders::routes(orders));
    append(routes, notifications::routes(notifications));
    append(routes, std::move(options.routes));
    gateway = std::make_unique<gateway::Gateway>(std::move(routes), adapters.environment,
                                                 adapters.identity, tenants, adapters.epochs,
                                                 options.gateway);
}

Services::Services(const Adapters& adapters, ServicesOptions options)
    : parts_(std::make_unique<Parts>(adapters, std::move(options),
                                     AllStores::granted_by_composition_root())) {}
Services::~Services() = default;

gateway::Gateway& Services::gateway() {
    std::call_once(parts_->gateway_built, [this] { parts_->build_gateway(); });
    return *parts_->gateway;
}
stores::Stores& Services::stores() { return parts_->stores; }
products::Products& Services::products() { return parts_->products; }
users::Users& Services::users() { return parts_->users; }

std::vector<Reaction> Services::reactions() {
    std::vector<Reaction> all = products::reactions(parts_->products);
    append(all, carts::reactions(parts_->carts));
    append(all, orders::reactions(parts_->orders));
    append(all, notifications::reactions(parts_->notifications));
    return all;
}

std::vector<Services::Chore> Services::chores() {
    using namespace std::chrono_literals;
    Parts& parts = *parts_;
    return {
        {"orders.deadlines", 5s, [&](Instant now) { return parts.orders.sweep(now); }},
        {"carts.abandoned", 60s, [&](Instant now) { return parts.carts.sweep(now); }},
        {"products.unfinished", 30s, [&](Instant now) { return parts.products.sweep(now); }},
        {"notifications.deliveries", 1s,
         [&](Instant now) { return parts.notifications.sweep(now); }, notifications::sweep_longest,
         notifications::sweeps_of_function},
        {"notifications.deliveries.2", 1s,
         [&](Instant now) -> Result<int> {
             // In a function nobody waits any more when it is this one's turn.
             if (parts.notifications.webhooks().swept_at_present() > 0) {
                 TRY(parts.further_sweeps.begin(now));
             }
             return 0;  // What they settle is their own.
         }},
    };
}

}  // namespace souk::app
