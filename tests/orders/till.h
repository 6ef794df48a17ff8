#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/memory_ports/memory_payments.h"
#include "domain/base/text.h"
#include "domain/orders/errors.h"
#include "domain/orders/orders.h"

/// What the tests of orders stand on: a shop with one cart to order, and a provider in memory.
namespace souk::testing {

inline const StoreId shop = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAV");
inline const UserId ada = UserId::trusted("user_01ARZ3NDEKTSV4RRFFQ69G5FAA");

inline Money eur(std::int64_t amount) { return {*Currency::parse("EUR"), amount}; }

/// Hands out the cart that the test has set.
class OneCart : public carts::CartReader {
public:
    [[nodiscard]] Result<carts::Checkout> checkout(const Caller&, const CartId&) const override {
        return cart;
    }
    void bind(Changes& changes, const StoreId& store, const carts::Checkout&) const override {
        if (rows) {
            rows->store(store).check(changes, "cart", "head", Expect::at(1));
        }
    }
    std::optional<ServiceLedger> rows;  // Where the cart is kept; without, it never changes.
    carts::Checkout cart{.cart_key = "key",
                         .version = 3,
                         .email = "ada@example.com",
                         .lines = {},
                         .totals = {eur(0), eur(0), eur(0), eur(0), eur(0)}};

    void put(std::string sku, std::int64_t quantity, std::int64_t price) {
        const auto number = static_cast<char>('A' + cart.lines.size() % 26);
        const std::string id(26, number);
        cart.lines.push_back({.id = LineId::trusted("line_" + id),
                              .product = ProductId::trusted("prod_" + id),
                              .variant = VariantId::trusted("var_" + id),
                              .sku = std::move(sku),
                              .title = "Thing",
                              .quantity = quantity,
                              .unit_price = eur(price),
                              .total = eur(price * quantity),
                              .tax = eur(0)});
        cart.totals.subtotal.amount += price * quantity;
        cart.totals.total.amount += price * quantity;
    }
};

class Till : public ::testing::Test {
protected:
    Till() { carts.put("TEA", 2, 500); }

    TestEnvironment test;
    MemoryLedger ledger{test.clock};
    OneCart carts;
    MemoryPayments payments;
    orders::Orders orders{ServiceLedger(ledger, "orders", test.environment()),
                          AllStores::granted_by_composition_root(), carts, payments,
                          orders::OrdersOptions{.payment_deadline = std::chrono::seconds(60)}};

    [[nodiscard]] static Caller guest() {
        Caller caller;
        caller.store = shop;
        return caller;
    }
    [[nodiscard]] static Caller customer(const UserId& user) {
        Caller caller = guest();
        caller.principal.kind = Principal::Kind::customer;
        caller.principal.id = user.text();
        return caller;
    }
    [[nodiscard]] static Caller staff() { return system_caller(shop, ""); }

    Result<orders::PlacedOrder> place(const Caller& caller, std::string method = "manual") {
        return perform(orders.ledger(), [&] {
            return orders.place(caller, {.cart = CartId::trusted("cart_" + std::string(26, 'A')),
                                         .cart_version = 3,
                                         .provider = "manual",
                                         .payment_method = method});
        });
    }
    /// The order after its stock was reserved and its payment asked for.
    orders::Order paid(std::string method = "manual") {
        const auto placed = place(guest(), std::move(method));
        EXPECT_TRUE(placed) << placed.error().detail;
        stock_reserved(placed->order.id);
        return read(placed->order.id);
    }
    void stock_reserved(const OrderId& id) { react("souk.stock.reserved.v1", id, "{}"); }
    /// Delivers an event to the reaction that takes its type.
    Result<void> react(std::string type, const OrderId& id, std::string body) {
        const Event event = orders.ledger().event(shop, type, id.text(), std::move(body), "");
        return deliver(event);
    }
    Result<void> deliver(const Event& event) {
        for (const auto& reaction : orders::reactions(orders)) {
            for (const auto& type : reaction.types) {
                if (type == event.type) {
                    return reaction.react(event);
                }
            }
        }
        return {};
    }
    /// Delivers every event of this service that it reacts to itself.
    void settle() {
        const auto events = ledger.events();
        for (; delivered < events.size(); ++delivered) {
            EXPECT_TRUE(deliver(events[delivered]));
        }
    }
    orders::Order read(const OrderId& id) {
        const auto order = orders.repository(shop).find(id);
        EXPECT_TRUE(order && *order);
        return **order;
    }
    std::vector<std::string> timeline_of(const OrderId& id) {
        std::vector<std::string> types;
        const auto timeline = *orders.timeline(staff(), id);
        for (const auto& entry : timeline) {
            types.push_back(entry.type);
        }
        return types;
    }
    [[nodiscard]] int announced(std::string_view type) const {
        int count = 0;
        for (const auto& event : ledger.events()) {
            count += event.type == type ? 1 : 0;
        }
        return count;
    }

private:
    std::size_t delivered = 0;
};

}  // namespace souk::testing
