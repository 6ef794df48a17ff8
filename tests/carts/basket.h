#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"
#include "domain/carts/carts.h"
#include "domain/carts/errors.h"

/// What the tests of carts stand on: one store, and a catalogue that the test sets.
namespace souk::testing {

inline const StoreId shop = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAV");
inline const UserId ada = UserId::trusted("user_01ARZ3NDEKTSV4RRFFQ69G5FAA");
inline const UserId bob = UserId::trusted("user_01ARZ3NDEKTSV4RRFFQ69G5FAB");

inline Money eur(std::int64_t amount) { return {*Currency::parse("EUR"), amount}; }

class OneStore : public stores::StoreDirectory {
public:
    stores::Store settings{.id = shop,
                           .slug = "shop",
                           .name = "Shop",
                           .currency = *Currency::parse("EUR"),
                           .locale = "en",
                           .domains = {},
                           .tax = {2000, stores::TaxMode::added},
                           .shipping_methods = {{"post", "Post", eur(490)}}};

    bool away = false;

    [[nodiscard]] Result<stores::Store> store(const StoreId&) const override {
        return away ? fail(errors::ledger_unavailable, "The test's store is away.")
                    : Result<stores::Store>(settings);
    }
    [[nodiscard]] Result<std::optional<StoreId>> resolve(std::string_view) const override {
        return shop;
    }
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId&,
                                                      const UserId&) const override {
        return std::nullopt;
    }
    [[nodiscard]] Result<std::optional<stores::ApiKeyGrant>> api_key(
        std::string_view) const override {
        return std::nullopt;
    }
};

class Shelf : public products::Catalog {
public:
    std::map<std::string, products::Offer> goods;
    std::size_t variants = 0;
    mutable std::size_t asked = 0;  // SKUs, over all questions.

    void put(const std::string& sku, std::int64_t price) {
        if (const auto known = goods.find(sku); known != goods.end()) {
            known->second.unit_price = eur(price);
            return;
        }
        const std::string id = zero_padded(++variants, 26);
        goods.insert_or_assign(sku, products::Offer{.sku = sku,
                                                    .product = ProductId::trusted("prod_" + id),
                                                    .variant = VariantId::trusted("var_" + id),
                                                    .title = "The " + sku,
                                                    .unit_price = eur(price),
                                                    .sellable = true});
    }
    [[nodiscard]] Result<std::vector<std::optional<products::Offer>>> offers(
        const StoreId&, const std::vector<std::string>& skus) const override {
        asked += skus.size();
        std::vector<std::optional<products::Offer>> found;
        for (const auto& sku : skus) {
            const auto offer = goods.find(sku);
            found.push_back(offer == goods.end() ? std::nullopt : std::optional(offer->second));
        }
        return found;
    }
    [[nodiscard]] Result<std::optional<std::string>> sku_of(
        const StoreId&, const VariantId& variant) const override {
        for (const auto& [sku, offer] : goods) {
            if (offer.variant == variant) {
                return sku;
            }
        }
        return std::nullopt;
    }
};

/// Orders of which the carts have not heard yet.
class UnheardOrders : public orders::CartHolds {
public:
    std::set<std::string, std::less<>> held_keys;
    std::set<std::string, std::less<>> sold_keys;

    [[nodiscard]] Result<orders::CartStanding> standing(const StoreId&,
                                                        std::string_view cart_key) const override {
        return sold_keys.contains(cart_key)   ? orders::CartStanding::ordered
               : held_keys.contains(cart_key) ? orders::CartStanding::ordering
                                              : orders::CartStanding::free;
    }
    [[nodiscard]] Result<bool> held(const StoreId&, std::string_view cart_key,
                                    Changes&) const override {
        return held_keys.contains(cart_key);
    }
};

class Basket : public ::testing::Test {
protected:
    Basket() {
        shelf.put("TEA", 500);
        shelf.put("CUP", 333);
    }

    TestEnvironment test;
    MemoryLedger ledger{test.clock};
    OneStore store;
    Shelf shelf;
    UnheardOrders unheard;
    carts::Carts carts{ServiceLedger(ledger, "carts", test.environment()),
                       AllStores::granted_by_composition_root(), store, shelf, unheard};

    [[nodiscard]] static Caller guest() {
        Caller caller;
        caller.store = shop;
        return caller;
    }
    [[nodiscard]] static Caller customer(const UserId& user) {
        Caller caller = guest();
        caller.principal.kind = Principal::Kind::customer;
        caller.principal.id = user.text();
        caller.principal.email = "ada@example.com";
        return caller;
    }
    /// Commits what a verb decided.
    template <class Verb>
    auto commit(Verb verb) {
        return perform(carts.ledger(), verb);
    }
    CartId open(const Caller& caller) {
        const auto made = commit([&] { return carts.create(caller, {}); });
        EXPECT_TRUE(made);
        return *made->cart.id;
    }
    Result<carts::PricedCart> add(const Caller& caller, const CartId& cart, std::string sku,
                                  std::int64_t quantity) {
        return commit(
            [&] { return carts.add_item(caller, cart, {.sku = sku, .quantity = quantity}); });
    }
    /// A customer's cart of so many lines, each of one piece of a SKU of its own: SKU-0, SKU-1, …
    CartId cart_of(const Caller& caller, std::int64_t lines) {
        const CartId cart = open(caller);
        // Forty at once, out of carts that are merged: a thousand additions would take seconds.
        for (std::int64_t i = 0; i < lines;) {
            carts::CreateCart some;
            for (int j = 0; j < 40 && i < lines; ++j, ++i) {
                shelf.put(cat("SKU-", i), 1);
                some.items.push_back({.sku = cat("SKU-", i)});
            }
            const auto other = commit([&] { return carts.create(guest(), some); });
            EXPECT_TRUE(other && commit([&] { return carts.merge(caller, *other->cart.id); }));
        }
        return cart;
    }
    /// Runs `attempt`, which must fail with `code`, and checks that it wrote nothing.
    template <class Attempt>
    void refused(const ErrorCode& code, Attempt attempt) {
        const auto before = ledger.rows();
        const auto outcome = attempt();
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, code);
        EXPECT_EQ(ledger.rows().size(), before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            EXPECT_EQ(ledger.rows()[i].version, before[i].version);
        }
    }
};

}  // namespace souk::testing
