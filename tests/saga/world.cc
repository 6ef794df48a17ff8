#include "saga/world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/templates_mustache/mustache_templates.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {

constexpr std::size_t carts_max = 12;
constexpr std::int64_t price = 500;
constexpr std::size_t free_good = 100;  // In a thousand, as all below.
constexpr std::size_t late_order = 600;
constexpr std::size_t late_orders = 3;
constexpr std::size_t customers_cart = 300;
constexpr std::size_t stranger = 100;
constexpr std::size_t contested = 700;  // Edits and merges of what was last taken to the till.
constexpr std::size_t abandons_method = 180;  // Never paid.
constexpr std::size_t bad_method = 120;

const Templates& templates() {
    static const MustacheTemplates loaded;
    return loaded;
}

Money eur(std::int64_t amount) { return {*Currency::parse("EUR"), amount}; }

}  // namespace

std::string webhook_id(const OutgoingRequest& webhook) {
    const auto id = std::ranges::find(webhook.headers, "webhook-id",
                                      &std::pair<std::string, std::string>::first);
    return id == webhook.headers.end() ? "" : id->second;
}

World::World(const Setting& setting)
    : chance(setting.seed),
      trouble{.chance = chance, .sabotage = setting.sabotage},
      services(app::Adapters{test.environment(), ledger, epochs, bus, identity, mailer, media,
                             payments, http_client, templates()},
               app::ServicesOptions{.payment_deadline = payment_deadline}),
      holds(ServiceLedger(ledger, "orders", test.environment())),
      carts(ServiceLedger(ledger, "carts", test.environment()),
            AllStores::granted_by_composition_root(), services.stores(), services.products(),
            holds),
      orders(ServiceLedger(ledger, "orders", test.environment()),
             AllStores::granted_by_composition_root(), carts, payments,
             orders::OrdersOptions{.payment_deadline = payment_deadline}),
      webhooks(ServiceLedger(ledger, "notifications", test.environment()),
               AllStores::granted_by_composition_root(), http_client,
               notifications::PlainHttp::refused) {
    trouble.sabotage = Sabotage::none;
    found_store();
    stock_shelves(setting);
    if (setting.webhook) {
        listen();
    }
    for (int i = 0; i < 2; ++i) {
        customers_.push_back(test.environment().fresh<UserId>());
    }
    trouble.sabotage = setting.sabotage;
}

Caller World::guest() const {
    Caller caller;
    caller.store = shop;
    return caller;
}

Caller World::customer(const UserId& user) const {
    Caller caller = guest();
    caller.principal.kind = Principal::Kind::customer;
    caller.principal.id = user.text();
    caller.principal.email = "customer@example.com";
    return caller;
}

const OrderId& World::pick(const std::vector<OrderId>& known) {
    // What happens to one order at once is what can go wrong.
    const bool late = known.size() > late_orders && chance.permille(late_order);
    return late ? known[known.size() - 1 - chance.below(late_orders)]
                : known[chance.below(known.size())];
}

Caller World::shopper(const KnownCart& cart) {
    if (chance.permille(stranger)) {
        return chance.permille(500) ? guest() : customer(chance.one_of(customers_));
    }
    return cart.owner ? customer(*cart.owner) : guest();
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

void World::stock_shelves(const Setting& setting) {
    for (std::size_t i = 0; i < setting.goods; ++i) {
        const std::string sku = cat("SKU-", i);
        const std::int64_t opening = chance.between(setting.stock_min, setting.stock_min + 6);
        const auto made = perform(services.products().ledger(), [&] {
            products::ProductPatch patch;
            patch.title = sku;
            patch.status = products::Status::published;
            const std::int64_t amount = chance.permille(free_good) ? 0 : price;
            patch.variants = {{.sku = sku, .price = eur(amount), .stock_on_hand = opening}};
            return services.products().create(staff(), patch);
        });
        ASSERT_TRUE(made) << made.error().detail;
        const auto item = services.products().inventory().find(shop, sku);
        ASSERT_TRUE(item);
        goods.push_back({sku, item->variant, opening});
    }
}

void World::listen() {
    const auto made = perform(webhooks.ledger(), [&] {
        return webhooks.create(
            staff(), {.url = "https://hooks.example.com/souk", .events = {"*"}, .description = {}});
    });
    ASSERT_TRUE(made) << made.error().detail;
    webhook = made->webhook.id;
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
    std::optional<UserId> owner;
    if (chance.permille(customers_cart)) {
        owner = chance.one_of(customers_);
    }
    const auto made = perform(carts.ledger(), [&] {
        return carts.create(owner ? customer(*owner) : guest(),
                            {.email = cat("cart", carts_.size(), "@example.com"), .items = chosen});
    });
    if (made) {
        carts_.push_back({*made->cart.id, owner});
        for (const auto& item : chosen) {
            acknowledged.pieces[made->cart.key] += item.quantity;
        }
    }
}

std::size_t World::some_cart() {
    return chance.permille(contested) ? at_till_ : chance.below(carts_.size());
}

void World::fill_cart() {
    if (carts_.empty()) {
        return;
    }
    const KnownCart cart = carts_[some_cart()];
    const std::string sku = chance.one_of(goods).sku;
    const Caller caller = shopper(cart);
    const std::int64_t quantity = chance.between(1, 3);
    const auto added = perform(carts.ledger(), [&] {
        return carts.add_item(caller, cart.id, {.sku = sku, .quantity = quantity});
    });
    if (added) {
        acknowledged.pieces[added->cart.key] += quantity;
    }
}

void World::merge_carts() {
    if (carts_.empty()) {
        return;
    }
    const std::size_t at = some_cart();
    const CartId id = carts_[at].id;
    const UserId user = chance.one_of(customers_);
    const auto merged = perform(carts.ledger(), [&] { return carts.merge(customer(user), id); });
    if (merged && merged->cart.id == id) {
        carts_[at].owner = user;
    }
}

void World::place_order() {
    if (carts_.empty()) {
        return;
    }
    at_till_ = chance.below(carts_.size());
    const KnownCart cart = carts_[at_till_];
    const std::string method = chance.permille(abandons_method) ? "manual_timeout"
                               : chance.permille(bad_method)    ? "manual_decline"
                                                                : "manual";
    const Caller caller = shopper(cart);
    const auto placed = perform(orders.ledger(), [&] {
        return orders.place(
            caller,
            {.cart = cart.id, .cart_version = {}, .provider = "manual", .payment_method = method});
    });
    if (placed) {
        acknowledged.placed.push_back(placed->order.id);
    }
}

void World::cancel(const std::vector<OrderId>& known) {
    if (known.empty()) {
        return;
    }
    const OrderId id = pick(known);
    if (perform(orders.ledger(), [&] { return orders.cancel(staff(), id, "changed"); })) {
        acknowledged.cancelled.push_back(id);
    }
}

void World::refund(const std::vector<OrderId>& known) {
    if (known.empty()) {
        return;
    }
    const OrderId id = pick(known);
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
    const auto asked =
        perform(orders.ledger(), [&] { return orders.ask_refund(staff(), id, wanted); });
    if (asked) {
        acknowledged.refunds.emplace_back(id, asked->refunds.back().id);
    }
}

void World::fulfil(const std::vector<OrderId>& known) {
    if (known.empty()) {
        return;
    }
    const OrderId id = pick(known);
    orders::Fulfil wanted;
    if (chance.permille(500)) {
        const auto order = orders.order(staff(), id, "");
        if (!order || order->lines.empty()) {
            return;
        }
        wanted.lines.push_back({.line = chance.one_of(order->lines).id, .quantity = 1});
    }
    const auto sent = perform(orders.ledger(), [&] { return orders.fulfil(staff(), id, wanted); });
    if (sent) {
        acknowledged.fulfilments.emplace_back(id, sent->fulfilments.back().id);
    }
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
        provider.decide(pick(known), chance.permille(700) ? MemoryPayments::Decision::authorised
                                                          : MemoryPayments::Decision::declined);
    }
}

void World::sweep() {
    for (const auto& chore : services.chores()) {
        (void)chore.sweep(test.clock.now());
    }
}

}  // namespace souk::testing
