#include <algorithm>
#include <functional>

#include "carts/basket.h"
#include "support/mortal_ledger.h"

namespace souk::testing {
namespace {

/// Carts ask it last before each commit.
class WatchedOrders : public UnheardOrders {
public:
    std::function<void()> asked_last = [] {};
    [[nodiscard]] Result<bool> held(const StoreId& of, std::string_view cart_key,
                                    Changes& changes) const override {
        asked_last();
        return UnheardOrders::held(of, cart_key, changes);
    }
};

/// A customer's cart whose every line has another price today than it shows.
class AcceptPrices : public Basket {
protected:
    MortalLedger mortal{ledger};
    WatchedOrders watched;
    const carts::Carts elsewhere{ServiceLedger(mortal, "carts", test.environment()),
                                 AllStores::granted_by_composition_root(), store, shelf, watched};
    const Caller caller = customer(ada);

    CartId repriced_cart_of(std::int64_t lines) {
        const CartId cart = cart_of(caller, lines);
        for (std::int64_t i = 0; i < lines; ++i) {
            shelf.put(cat("SKU-", i), 7);
        }
        return cart;
    }
    /// Accepts with a process that dies after so many commits.
    Result<carts::PricedCart> accept(const Caller& shopper, const CartId& cart,
                                     int commits_left = -1) {
        mortal.commits_left = commits_left;
        return perform(elsewhere.ledger(), [&] {
            return elsewhere.change(shopper, cart,
                                    {.shipping_method_id = "post", .accept_prices = true});
        });
    }
    std::int64_t unaccepted(const CartId& cart) {
        return std::ranges::count_if(carts.cart(caller, cart)->lines,
                                     &carts::PricedLine::price_changed);
    }
};

// The bug: of 120 prices 90 were accepted and the answer was 200: the order that followed was
// refused for prices that the shopper had just agreed to.
TEST_F(AcceptPrices, OfACartOfAnySizeInOneRequest) {
    for (const std::int64_t lines : {80, 81, 120, 1000}) {
        const CartId cart = repriced_cart_of(lines);
        const auto accepted = accept(caller, cart);
        ASSERT_TRUE(accepted) << lines << accepted.error().detail;
        EXPECT_EQ(accepted->totals.subtotal, eur(7 * lines));
        EXPECT_EQ(accepted->totals.shipping, eur(490));
        EXPECT_EQ(unaccepted(cart), 0) << lines;
        EXPECT_EQ(carts::render_cart(*carts.cart(caller, cart)), carts::render_cart(*accepted));
        const auto again = carts.change(caller, cart, {.accept_prices = true});
        ASSERT_TRUE(again);
        EXPECT_TRUE(again->changes.empty());
        EXPECT_EQ(carts::render_cart(again->value), carts::render_cart(*accepted));
    }
}

TEST_F(AcceptPrices, AtTheVersionThatTheShopperSawThoughPartsOfItRaiseThat) {
    const CartId cart = repriced_cart_of(200);
    Caller shopper = caller;
    shopper.if_match = std::vector{carts.cart(caller, cart)->cart.version - 1};
    refused(souk::errors::version_mismatch, [&] { return accept(shopper, cart); });
    shopper.if_match = std::vector{carts.cart(caller, cart)->cart.version};
    watched.asked_last = [&, asked = 0]() mutable {
        if (++asked == 2) {
            ledger.refuse(1, errors::ledger_conflict);  // Of the second part.
        }
    };
    ASSERT_TRUE(accept(shopper, cart));
    EXPECT_EQ(unaccepted(cart), 0);
}

TEST_F(AcceptPrices, GoOnFromWhereARequestDied) {
    const CartId cart = repriced_cart_of(200);
    ASSERT_FALSE(accept(caller, cart, 1));
    EXPECT_EQ(unaccepted(cart), 120);
    ASSERT_TRUE(accept(caller, cart));
    EXPECT_EQ(unaccepted(cart), 0);
    EXPECT_EQ(carts.cart(caller, cart)->totals.subtotal, eur(1400));
}

TEST_F(AcceptPrices, InPartNeverSellsTheCartAtPricesThatWereNotSeen) {
    const CartId cart = repriced_cart_of(81);
    const auto seen = carts.checkout(caller, cart);
    ASSERT_FALSE(accept(caller, cart, 1));
    Changes order;
    carts.bind(order, shop, *seen);
    EXPECT_EQ(carts.ledger().commit(order).error().code, errors::ledger_conflict);
    EXPECT_GT(carts.checkout(caller, cart)->version, seen->version) << "Orders name this.";
}

TEST_F(AcceptPrices, StopOnceAnOrderOfTheCartIsPlaced) {
    const CartId cart = repriced_cart_of(120);
    watched.held_keys.insert(carts.cart(caller, cart)->cart.key);
    refused(carts::errors::cart_not_open, [&] { return accept(caller, cart); });
}

TEST_F(AcceptPrices, WriteNoPartOfWhatIsRefusedAsAWhole) {
    const CartId cart = repriced_cart_of(120);
    shelf.put("SKU-0", INT64_MAX);
    shelf.put("SKU-1", INT64_MAX);
    EXPECT_FALSE(accept(caller, cart));
    EXPECT_EQ(unaccepted(cart), 120);
    EXPECT_EQ(mortal.commits, 0);
}

}  // namespace
}  // namespace souk::testing
