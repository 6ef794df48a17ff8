#pragma once

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
#include "domain/orders/orders.h"
#include "domain/products/products.h"
#include "domain/stores/stores.h"
#include "gateway/page_cache.h"
#include "saga/faulty_ledger.h"

namespace souk::testing {

inline constexpr std::chrono::seconds payment_deadline{60};

/// One SKU and what it opened with.
struct Good {
    std::string sku;
    VariantId variant;
    std::int64_t opening_stock = 0;
};

/// The whole of Souk on adapters in memory, with one store that sells a few scarce things. What
/// shoppers and staff do goes through verbs of their own instances, as in another process.
class World {
public:
    World(std::uint64_t seed, Sabotage sabotage, std::size_t goods);

    Chance chance;
    Trouble trouble;
    TestEnvironment test;
    MemoryLedger rows{test.clock};
    FaultyLedger ledger{rows, trouble};
    MemoryBus bus{rows, test.clock};
    MemoryIdentity identity{test.environment()};
    MemoryMailer mailer;
    MemoryMedia media{test.clock};
    MemoryPayments provider;
    FaultyPayments payments{provider, trouble};
    MemoryHttpClient http_client;
    gateway::CommitEpochs epochs;
    app::Services services;
    carts::Carts carts;
    orders::Orders orders;
    StoreId shop = StoreId::trusted("store_00000000000000000000000000");
    std::vector<Good> goods;

    [[nodiscard]] Caller guest() const;
    [[nodiscard]] Caller staff() const { return system_caller(shop, ""); }

    // What people do. A refusal is an answer like any other; a Crash is a lost one.
    void open_cart();
    void fill_cart();
    void place_order(const std::vector<OrderId>& known);
    void cancel(const std::vector<OrderId>& known);
    void refund(const std::vector<OrderId>& known);
    void fulfil(const std::vector<OrderId>& known);
    void adjust_stock();
    void provider_decides(const std::vector<OrderId>& known);
    void sweep();

    /// Orders whose placing was answered.
    std::vector<OrderId> acknowledged;

private:
    void found_store();
    void stock_shelves(std::size_t count);

    std::vector<CartId> carts_;
};

}  // namespace souk::testing
