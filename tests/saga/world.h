#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/memory/memory_bus.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/memory_identity/memory_identity.h"
#include "adapters/memory_ports/memory_http_client.h"
#include "adapters/memory_ports/memory_mailer.h"
#include "adapters/memory_ports/memory_media.h"
#include "adapters/memory_ports/memory_payments.h"
#include "apps/services/services.h"
#include "domain/carts/carts.h"
#include "domain/notifications/webhooks.h"
#include "domain/orders/cart_holds.h"
#include "domain/orders/orders.h"
#include "domain/products/products.h"
#include "domain/stores/stores.h"
#include "gateway/page_cache.h"
#include "saga/faulty_ports.h"

namespace souk::testing {

inline constexpr std::chrono::seconds payment_deadline{60};

/// What a World is made of.
struct Setting {
    std::uint64_t seed = 0;
    Sabotage sabotage = Sabotage::none;
    std::size_t goods = 3;
    std::int64_t stock_min = 1;  // Of each of them, at least.
    bool webhook = false;        // Whether somebody listens to all events.
};

/// What people were told, which must be true from then on.
struct Acknowledged {
    std::vector<OrderId> placed, cancelled;
    std::vector<std::pair<OrderId, RefundId>> refunds;
    std::vector<std::pair<OrderId, FulfilmentId>> fulfilments;
    std::map<std::string, std::int64_t> pieces;  // Put into each cart.
};

/// One SKU and what it opened with.
struct Good {
    std::string sku;
    VariantId variant;
    std::int64_t opening_stock = 0;
};

/// Which event a webhook tells of.
[[nodiscard]] std::string webhook_id(const OutgoingRequest& webhook);

/// The whole of Souk on adapters in memory, with one store that sells a few scarce things. What
/// shoppers and staff do goes through verbs of their own instances, as in another process.
class World {
public:
    explicit World(const Setting& setting);

    Chance chance;
    Trouble trouble;
    TestEnvironment test;
    MemoryLedger rows{test.clock};
    FaultyLedger ledger{rows, trouble};
    MemoryBus bus{rows, test.clock};
    MemoryIdentity identity{test.environment()};
    MemoryMailer mailbox;
    FaultyMailer mailer{mailbox, trouble};
    MemoryMedia media{test.clock};
    MemoryPayments provider;
    FaultyPayments payments{provider, trouble};
    MemoryHttpClient endpoint;
    FaultyHttpClient http_client{endpoint, trouble};
    gateway::CommitEpochs epochs;
    app::Services services;
    orders::HoldsOfOrders holds;
    carts::Carts carts;
    orders::Orders orders;
    StoreId shop = StoreId::trusted("store_00000000000000000000000000");
    std::vector<Good> goods;
    notifications::Webhooks webhooks;
    std::optional<WebhookId> webhook;

    [[nodiscard]] Caller guest() const;
    [[nodiscard]] Caller customer(const UserId& user) const;
    [[nodiscard]] Caller staff() const { return system_caller(shop, ""); }

    // What people do. A refusal is an answer like any other; a Crash is a lost one.
    // Those that take `known` choose one of these orders, rather a late one.
    void open_cart();
    void fill_cart();
    void merge_carts();
    void place_order();
    void cancel(const std::vector<OrderId>& known);
    void refund(const std::vector<OrderId>& known);
    void fulfil(const std::vector<OrderId>& known);
    void adjust_stock();
    void provider_decides(const std::vector<OrderId>& known);
    void sweep();

    Acknowledged acknowledged;

private:
    struct KnownCart {
        CartId id;
        std::optional<UserId> owner = {};  // As far as is known.
    };

    void found_store();
    void stock_shelves(const Setting& setting);
    void listen();
    [[nodiscard]] const OrderId& pick(const std::vector<OrderId>& known);
    /// Whoever may use the cart; now and then somebody who may not.
    [[nodiscard]] Caller shopper(const KnownCart& cart);
    /// The place of a cart to edit or merge, rather of the one that is being ordered.
    [[nodiscard]] std::size_t some_cart();

    std::vector<UserId> customers_;
    std::vector<KnownCart> carts_;
    std::size_t at_till_ = 0;  // The place of the last cart taken to the till.
};

}  // namespace souk::testing
