#include "carts/basket.h"
#include "support/torn_reads.h"

namespace souk::testing {
namespace {

class CartLife : public Basket {};

TEST_F(CartLife, ACustomersCartIsNobodyElses) {
    const CartId cart = open(customer(ada));
    EXPECT_TRUE(carts.cart(customer(ada), cart));
    for (const Caller& other : {guest(), customer(bob)}) {
        const auto seen = carts.cart(other, cart);
        ASSERT_FALSE(seen);
        EXPECT_EQ(seen.error().code, souk::errors::not_found);
    }
}

TEST_F(CartLife, AnotherStoresCartIsNotFound) {
    const CartId cart = open(guest());
    Caller elsewhere = guest();
    elsewhere.store = StoreId::trusted("store_" + std::string(26, 'B'));
    ASSERT_FALSE(carts.cart(elsewhere, cart));
}

TEST_F(CartLife, ExpiresUntouched) {
    const CartId cart = open(guest());
    test.clock.advance(carts::cart_life);
    EXPECT_FALSE(carts.cart(guest(), cart));
}

TEST_F(CartLife, IsOrderedWithTheLinesOfItsVersionThoughItChangesMeanwhile) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    TornReads torn(ledger);
    const carts::Carts elsewhere(ServiceLedger(torn, "carts", test.environment()),
                                 AllStores::granted_by_composition_root(), store, shelf);
    torn.between = [&] { ASSERT_TRUE(add(guest(), cart, "TEA", 5)); };
    const auto checkout = elsewhere.checkout(guest(), cart);
    ASSERT_TRUE(checkout);
    EXPECT_EQ(checkout->version, carts.cart(guest(), cart)->cart.version);
    EXPECT_EQ(checkout->lines[0].quantity, 6);
}

TEST_F(CartLife, IsAnnouncedAsAbandonedOnce) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    EXPECT_EQ(ledger.events().size(), 0U);
    test.clock.advance(carts::abandoned_after);
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    ASSERT_EQ(ledger.events().size(), 1U);
    EXPECT_EQ(ledger.events()[0].type, "souk.cart.abandoned.v1");
}

TEST_F(CartLife, MergingMakesAGuestsCartTheCustomersOwn) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 2));
    const auto merged = commit([&] { return carts.merge(customer(ada), cart); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->cart.customer, ada);
    EXPECT_FALSE(carts.cart(guest(), cart));
}

TEST_F(CartLife, MergingTwiceDoublesNothing) {
    const CartId own = open(customer(ada));
    ASSERT_TRUE(add(customer(ada), own, "TEA", 1));
    const CartId other = open(guest());
    ASSERT_TRUE(add(guest(), other, "TEA", 2));
    ASSERT_TRUE(add(guest(), other, "CUP", 1));
    ASSERT_TRUE(commit([&] { return carts.merge(customer(ada), other); }));
    const auto again = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cart.id, own);
    std::map<std::string, std::int64_t> quantities;
    for (const auto& line : again->lines) {
        quantities[line.sku] += line.quantity;
    }
    EXPECT_EQ(quantities, (std::map<std::string, std::int64_t>{{"TEA", 3}, {"CUP", 1}}));
}

TEST_F(CartLife, MergingMoreLinesThanOneCommitHoldsLosesNone) {
    const CartId own = open(customer(ada));
    const CartId other = open(guest());
    for (int i = 0; i < 130; ++i) {
        shelf.put(cat("SKU-", i), 1);
        ASSERT_TRUE(add(guest(), other, cat("SKU-", i), 1));
    }
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->lines.size(), 130U);
}

TEST_F(CartLife, ACartThatWentIntoAnotherIsNotFound) {
    const CartId own = open(customer(ada));
    const CartId other = open(guest());
    ASSERT_TRUE(commit([&] { return carts.merge(customer(ada), other); }));
    refused(souk::errors::not_found, [&] { return carts.cart(guest(), other); });
    refused(souk::errors::not_found, [&] { return carts.checkout(guest(), other); });
    refused(souk::errors::not_found, [&] { return add(guest(), other, "TEA", 1); });
    EXPECT_TRUE(carts.cart(customer(ada), own));
}

TEST_F(CartLife, AStrangersMergeOfAMergedCartIsRefused) {
    const CartId own = open(customer(ada));
    const CartId other = open(guest());
    ASSERT_TRUE(add(guest(), other, "TEA", 1));
    ASSERT_TRUE(commit([&] { return carts.merge(customer(ada), other); }));
    refused(souk::errors::not_found,
            [&] { return commit([&] { return carts.merge(customer(bob), other); }); });
}

}  // namespace
}  // namespace souk::testing
