#include "carts/basket.h"

namespace souk::testing {
namespace {

class CartLife : public Basket {
protected:
    carts::Status status_of(const Caller& caller, const CartId& cart) {
        return carts.cart(caller, cart)->cart.status;
    }
    std::string key_of(const CartId& cart) { return to_hex(test.crypto.sha256(cart.text())); }
    void follow(Result<Changes> (carts::Carts::*verb)(const StoreId&, std::string_view,
                                                      std::string_view) const,
                const CartId& cart, std::string_view order) {
        ASSERT_TRUE(commit([&]() -> Result<Change<Done>> {
            return Change<Done>{{}, TRY((carts.*verb)(shop, key_of(cart), order))};
        }));
    }
};

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

TEST_F(CartLife, IsHeldClosedAndReopenedByItsOrder) {
    const CartId cart = open(guest());
    follow(&carts::Carts::hold_for_order, cart, "order_1");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::ordering);
    refused(carts::errors::cart_not_open, [&] { return add(guest(), cart, "TEA", 1); });
    follow(&carts::Carts::reopen_after_order, cart, "order_1");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::open);
    follow(&carts::Carts::hold_for_order, cart, "order_2");
    follow(&carts::Carts::close_for_order, cart, "order_2");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::ordered);
}

TEST_F(CartLife, APlacementThatIsHeardOfAfterItsCancellationChangesNothing) {
    const CartId cart = open(guest());
    follow(&carts::Carts::reopen_after_order, cart, "order_1");
    follow(&carts::Carts::hold_for_order, cart, "order_1");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::open);
}

TEST_F(CartLife, AConfirmationThatIsHeardOfAfterTheCancellationClosesNothing) {
    const CartId cart = open(guest());
    follow(&carts::Carts::hold_for_order, cart, "order_1");
    follow(&carts::Carts::reopen_after_order, cart, "order_1");
    follow(&carts::Carts::close_for_order, cart, "order_1");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::open);
}

TEST_F(CartLife, AnotherOrdersCancellationDoesNotReopenIt) {
    const CartId cart = open(guest());
    follow(&carts::Carts::hold_for_order, cart, "order_2");
    follow(&carts::Carts::reopen_after_order, cart, "order_1");
    EXPECT_EQ(status_of(guest(), cart), carts::Status::ordering);
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
