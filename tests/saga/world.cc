#include "saga/world.h"

#include <gtest/gtest.h>

#include "adapters/templates_mustache/mustache_templates.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {

constexpr std::size_t carts_max = 10;
constexpr std::int64_t price = 500;
constexpr std::size_t abandons_method = 180;  // In a thousand; never paid.
constexpr std::size_t bad_method = 120;

const Templates& templates() {
    static const MustacheTemplates loaded;
    return loaded;
}

Money eur(std::int64_t amount) { return {*Currency::parse("EUR"), amount}; }

}  // namespace

World::World(std::uint64_t seed, Sabotage sabotage, std::size_t goods_count)
    : chance(seed),
      trouble{.chance = chance, .sabotage = sabotage, .committed = [] {}},
      services(app::Adapters{test.environment(), ledger, epochs, bus, identity, mailer, media,
                             payments, http_client, templates()},
               app::ServicesOptions{.payment_deadline = payment_deadline}),
      carts(ServiceLedger(ledger, "carts", test.environment()),
            AllStores::granted_by_composition_root(), services.stores(), services.products()),
      orders(ServiceLedger(ledger, "orders", test.environment()),
             AllStores::granted_by_composition_root(), carts, payments,
             orders::OrdersOptions{.payment_deadline = payment_deadline}) {
    found_store();
    stock_shelves(goods_count);
}

Caller World::guest() const {
    Caller caller;
    caller.store = shop;
    return caller;
}

void World::found_store() {
    const auto signed_up = identity.sign_up({}, "owner@example.com", "correct horse battery", "O");
    ASSERT_TRUE(signed_up) << signed_up.error().detail;
    ASSERT_TRUE(identity.confirm_sign_up({}, "owner@example.com", signed_up->code.code));
    Caller owner;
    owner.principal.kind = Principal::Kind::staff;
    owner.principal.id = signed_up->code.user.text();
    const auto made = perform(services.stores().ledger(), [&] {
        return services.stores().create(owner, {.slug = "shop",
                                                .name = "Shop",
                                                .currency = *Currency::parse("EUR"),
                                                .locale = "en",
                                                .domains = {},
                                                .tax = {},
                                                .shipping_methods = {}});
    });
    ASSERT_TRUE(made) << made.error().detail;
    shop = made->id;
}

void World::stock_shelves(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::string sku = cat("SKU-", i);
        const std::int64_t opening = chance.between(2, 12);
        const auto made = perform(services.products().ledger(), [&] {
            products::ProductPatch patch;
            patch.title = sku;
            patch.status = products::Status::published;
            patch.variants = {{.sku = sku, .price = eur(price), .stock_on_hand = opening}};
            return services.products().create(staff(), patch);
        });
        ASSERT_TRUE(made) << made.error().detail;
        const auto item = services.products().inventory().find(shop, sku);
        ASSERT_TRUE(item);
        goods.push_back({sku, item->variant, opening});
    }
}

void World::open_cart() {
    if (carts_.size() >= carts_max) {
        return;
    }
    // One cart in a while takes everything, which can be more than one commit reserves.
    const std::size_t items = chance.permille(80) ? goods.size() : 1 + chance.below(3);
    const std::size_t first = chance.below(goods.size());
    std::vector<carts::NewItem> chosen;
    for (std::size_t i = 0; i < std::min(items, goods.size()); ++i) {
        chosen.push_back({.sku = goods[(first + i) % goods.size()].sku,
                          .variant = {},
                          .quantity = chance.between(1, 3),
                          .pointer = {}});
    }
    const auto made = perform(carts.ledger(), [&] {
        return carts.create(guest(),
                            {.email = cat("cart", carts_.size(), "@example.com"), .items = chosen});
    });
    if (made) {
        carts_.push_back(*made->cart.id);
    }
}

void World::fill_cart() {
    if (carts_.empty()) {
        return;
    }
    const CartId cart = chance.one_of(carts_);
    const std::string sku = chance.one_of(goods).sku;
    (void)perform(carts.ledger(), [&] {
        return carts.add_item(guest(), cart, {.sku = sku, .quantity = chance.between(1, 3)});
    });
}

void World::place_order(const std::vector<OrderId>&) {
    if (carts_.empty()) {
        return;
    }
    const CartId cart = chance.one_of(carts_);
    const std::string method = chance.permille(abandons_method) ? "manual_timeout"
                               : chance.permille(bad_method)    ? "manual_decline"
                                                                : "manual";
    const auto placed = perform(orders.ledger(), [&] {
        return orders.place(
            guest(),
            {.cart = cart, .cart_version = {}, .provider = "manual", .payment_method = method});
    });
    if (placed) {
        acknowledged.push_back(placed->order.id);
    }
}

void World::cancel(const std::vector<OrderId>& known) {
    if (!known.empty()) {
        const OrderId id = chance.one_of(known);
        (void)perform(orders.ledger(), [&] { return orders.cancel(staff(), id, "changed"); });
    }
}

void World::refund(const std::vector<OrderId>& known) {
    if (known.empty()) {
        return;
    }
    const OrderId id = chance.one_of(known);
    orders::AskRefund wanted;
    if (chance.permille(300)) {
        wanted.restock_all = chance.permille(500);
    } else if (chance.permille(300)) {
        wanted.amount = eur(chance.between(1, 2 * price));
    } else {
        const auto order = orders.order(staff(), id, "");
        if (!order || order->lines.empty()) {
            return;
        }
        wanted.lines.push_back({.line = chance.one_of(order->lines).id,
                                .quantity = chance.between(1, 2),
                                .restock = chance.permille(500)});
    }
    (void)perform(orders.ledger(), [&] { return orders.ask_refund(staff(), id, wanted); });
}

void World::fulfil(const std::vector<OrderId>& known) {
    if (known.empty()) {
        return;
    }
    const OrderId id = chance.one_of(known);
    orders::Fulfil wanted;
    if (chance.permille(500)) {
        const auto order = orders.order(staff(), id, "");
        if (!order || order->lines.empty()) {
            return;
        }
        wanted.lines.push_back({.line = chance.one_of(order->lines).id, .quantity = 1});
    }
    (void)perform(orders.ledger(), [&] { return orders.fulfil(staff(), id, wanted); });
}

void World::adjust_stock() {
    const std::string sku = chance.one_of(goods).sku;
    const std::int64_t delta = chance.between(-4, 5);
    const auto& inventory = services.products().inventory();
    (void)perform(services.products().ledger(),
                  [&] { return inventory.adjust(staff(), sku, {.delta = delta}); });
}

void World::provider_decides(const std::vector<OrderId>& known) {
    if (!known.empty()) {
        provider.decide(chance.one_of(known), chance.permille(700)
                                                  ? MemoryPayments::Decision::authorised
                                                  : MemoryPayments::Decision::declined);
    }
}

void World::sweep() {
    for (const auto& chore : services.chores()) {
        (void)chore.sweep(test.clock.now());
    }
}

}  // namespace souk::testing
