#include <set>

#include "carts/basket.h"
#include "support/torn_reads.h"

namespace souk::testing {
namespace {

using namespace std::chrono_literals;

class CartLife : public Basket {
protected:
    /// A cart of so many lines, each of one piece of a SKU of its own.
    CartId guests_cart_of(int lines) {
        const CartId cart = open(guest());
        for (int i = 0; i < lines; ++i) {
            shelf.put(cat("SKU-", i), 1);
            EXPECT_TRUE(add(guest(), cart, cat("SKU-", i), 1));
        }
        return cart;
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
    const Instant expires = carts.cart(guest(), cart)->cart.expires_at();
    test.clock.advance(expires - test.clock.now() - std::chrono::milliseconds(1));
    EXPECT_TRUE(carts.cart(guest(), cart));
    test.clock.advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(carts.cart(guest(), cart));
}

// Each entry of an index is a write of its own, in the log and on DynamoDB's bill.
TEST_F(CartLife, AnEditSoonAfterAnotherMovesNoIndexEntry) {
    const CartId cart = open(guest());
    std::set<Instant> expiries, dues;
    for (int i = 0; i < 90; ++i) {
        test.clock.advance(std::chrono::seconds(1));
        const auto edited = add(guest(), cart, "TEA", 1)->cart;
        expiries.insert(edited.expires_at());
        dues.insert(edited.abandoned_at());
        EXPECT_GE(edited.expires_at(), test.clock.now() + carts::cart_life);
        EXPECT_LT(edited.expires_at(), test.clock.now() + carts::cart_life + 1h);
        EXPECT_GE(edited.abandoned_at(), test.clock.now() + carts::abandoned_after);
        EXPECT_LT(edited.abandoned_at(), test.clock.now() + carts::abandoned_after + 10min);
    }
    EXPECT_LE(expiries.size(), 2U);
    EXPECT_LE(dues.size(), 2U);
}

TEST_F(CartLife, IsOrderedWithTheLinesOfItsVersionThoughItChangesMeanwhile) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    TornReads torn(ledger);
    const carts::Carts elsewhere(ServiceLedger(torn, "carts", test.environment()),
                                 AllStores::granted_by_composition_root(), store, shelf, unheard);
    torn.between = [&] { ASSERT_TRUE(add(guest(), cart, "TEA", 5)); };
    const auto order_of = [&](const carts::Checkout& checkout) {
        Changes order;
        carts.bind(order, shop, checkout);
        return carts.ledger().commit(order);
    };
    EXPECT_EQ(order_of(*elsewhere.checkout(guest(), cart)).error().code, errors::ledger_conflict);
    const auto now = carts.checkout(guest(), cart);
    EXPECT_EQ(now->lines[0].quantity, 6);
    EXPECT_TRUE(order_of(*now));
}

TEST_F(CartLife, ChangesNothingOnceAnOrderOfItIsPlacedThoughItHasNotHeardOfIt) {
    const CartId cart = open(guest());
    const auto before = add(guest(), cart, "TEA", 1);
    unheard.held_keys.insert(before->cart.key);
    const LineId line = before->lines[0].id;
    const auto is_refused = [&](auto verb) {
        refused(carts::errors::cart_not_open, [&] { return commit(verb); });
    };
    is_refused([&] { return carts.add_item(guest(), cart, {.sku = "CUP"}); });
    is_refused([&] { return carts.set_quantity(guest(), cart, line, 7); });
    is_refused([&] { return carts.remove_item(guest(), cart, line); });
    is_refused([&] { return carts.change(guest(), cart, {.email = "bob@example.com"}); });
    is_refused([&] { return carts.set_shipping_address(guest(), cart, {}); });
    is_refused([&] { return carts.merge(customer(ada), cart); });
    const CartId own = open(customer(ada));
    is_refused([&] { return carts.merge(customer(ada), cart); });
    EXPECT_TRUE(carts.cart(customer(ada), own)->lines.empty());
}

TEST_F(CartLife, MergingTakesAGuestsCartWhenTheCustomersOwnIsBeingOrdered) {
    const CartId own = open(customer(ada));
    const auto filled = add(customer(ada), own, "TEA", 1);
    const CartId other = open(guest());
    ASSERT_TRUE(add(guest(), other, "CUP", 1));
    unheard.held_keys.insert(filled->cart.key);
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->cart.id, other);
    EXPECT_EQ(carts.cart(customer(ada), own)->lines.size(), 1U);
}

// The bug: who had typed an address as a guest typed it again after signing in.
TEST_F(CartLife, MergingFillsInWhatTheCustomersCartDoesNotSay) {
    const CartId own = open(customer(ada));
    ASSERT_TRUE(add(customer(ada), own, "TEA", 1));
    const CartId other = open(guest());
    const Address home{.name = "Ada", .line1 = "1", .city = "Bath", .country = "GB"};
    ASSERT_TRUE(commit([&] { return carts.set_shipping_address(guest(), other, home); }));
    ASSERT_TRUE(
        commit([&] { return carts.change(guest(), other, {.shipping_method_id = "post"}); }));
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->cart.id, own);
    EXPECT_EQ(merged->cart.shipping_address, home);
    EXPECT_EQ(merged->cart.shipping_method_id, "post");
    EXPECT_EQ(merged->cart.email, "ada@example.com");
}

TEST_F(CartLife, MergingTakesALineNoFurtherThanItsLargestQuantity) {
    const CartId own = open(customer(ada));
    ASSERT_TRUE(add(customer(ada), own, "TEA", 9000));
    const CartId other = open(guest());
    ASSERT_TRUE(add(guest(), other, "TEA", 1000));
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged) << merged.error().detail;
    ASSERT_EQ(merged->cart.lines.size(), 1);
    EXPECT_EQ(merged->cart.lines[0].quantity, 9999);
}

// The bug: what orders had decided showed in the cart a moment later, and its version was another
// then: who ordered anew at once was told that the cart had changed.
TEST_F(CartLife, ShowsWhatOrdersHaveDecidedBeforeItHearsOfIt) {
    const CartId cart = open(guest());
    const auto filled = add(guest(), cart, "TEA", 1);
    ASSERT_TRUE(filled);
    const std::string& key = filled->cart.key;
    const auto status = [&] { return carts.cart(guest(), cart)->cart.status; };
    const auto hear = [&](carts::OrderFate fate) {
        ASSERT_TRUE(commit([&]() -> Result<Change<Done>> {
            return Change<Done>{{}, TRY(carts.follow_order(shop, key, {"order_1", 1}, fate))};
        }));
    };
    unheard.held_keys.insert(key);
    EXPECT_EQ(status(), carts::Status::ordering);
    hear(carts::OrderFate::placed);
    EXPECT_EQ(status(), carts::Status::ordering);
    unheard.held_keys.clear();  // Cancelled.
    EXPECT_EQ(status(), carts::Status::open);
    const auto anew = carts.checkout(guest(), cart);
    EXPECT_EQ(anew->order_id, "");
    EXPECT_EQ(anew->version, filled->cart.version);
    ASSERT_TRUE(add(guest(), cart, "CUP", 1));
    hear(carts::OrderFate::cancelled);
    EXPECT_EQ(status(), carts::Status::open);
    EXPECT_EQ(carts.checkout(guest(), cart)->version, filled->cart.version + 1);
    unheard.sold_keys.insert(key);
    EXPECT_EQ(status(), carts::Status::ordered);
}

TEST_F(CartLife, IsAnnouncedAsAbandonedOnce) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    EXPECT_EQ(ledger.events().size(), 0U);
    test.clock.advance(carts.cart(guest(), cart)->cart.abandoned_at() - test.clock.now());
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    ASSERT_TRUE(carts.sweep(test.clock.now()));
    ASSERT_EQ(ledger.events().size(), 1U);
    EXPECT_EQ(ledger.events()[0].type, "souk.cart.abandoned.v1");
}

// The bug: who came back to a cart that nobody had changed was told that it had changed.
TEST_F(CartLife, KeepsItsVersionWhenItIsAnnouncedAsAbandoned) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    const auto seen = carts.checkout(guest(), cart);
    test.clock.advance(carts.cart(guest(), cart)->cart.abandoned_at() - test.clock.now());
    ASSERT_EQ(*carts.sweep(test.clock.now()), 1);
    const auto back = carts.checkout(guest(), cart);
    ASSERT_TRUE(seen && back);
    EXPECT_EQ(back->version, seen->version);
    Changes order;
    carts.bind(order, shop, *back);
    EXPECT_TRUE(carts.ledger().commit(order));
    Caller shopper = guest();
    shopper.if_match = std::vector<std::uint64_t>{seen->version};
    const auto changed = add(shopper, cart, "CUP", 1);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->cart.version, seen->version + 1);
    EXPECT_EQ(carts.cart(guest(), cart)->cart.version, seen->version + 1);
    EXPECT_FALSE(carts.ledger().commit(order)) << "An order is still bound to the cart as it was.";
}

// A function without a permission swept the same carts over and over until its time was up.
TEST_F(CartLife, ASweepThatSettlesNothingSaysSo) {
    const CartId cart = open(guest());
    ASSERT_TRUE(add(guest(), cart, "TEA", 1));
    test.clock.advance(carts.cart(guest(), cart)->cart.abandoned_at() - test.clock.now());
    store.away = true;
    EXPECT_EQ(*carts.sweep(test.clock.now()), 0);
    store.away = false;
    EXPECT_EQ(*carts.sweep(test.clock.now()), 1);
    EXPECT_EQ(*carts.sweep(test.clock.now()), 0);
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
    const CartId other = guests_cart_of(130);
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->lines.size(), 130U);
}

// A double click answered ledger_conflict, which is nobody's business outside.
TEST_F(CartLife, MergingInSeveralCommitsBeginsAgainWhereAnotherChangeCameBetween) {
    const CartId own = open(customer(ada));
    const CartId other = guests_cart_of(60);
    ledger.refuse(1, errors::ledger_conflict);
    const auto merged = commit([&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->lines.size(), 60U);
}

TEST_F(CartLife, IsNotOrderedAsItWasOnceAPartOfItWentIntoAnother) {
    ASSERT_TRUE(add(customer(ada), open(customer(ada)), "TEA", 1));
    const CartId other = guests_cart_of(60);
    const auto before = carts.checkout(guest(), other);
    ASSERT_TRUE(carts.merge(customer(ada), other));  // Of its commits, the last is not made.
    ASSERT_LT(carts.checkout(guest(), other)->lines.size(), 60U);
    Changes order;
    carts.bind(order, shop, *before);
    EXPECT_EQ(carts.ledger().commit(order).error().code, errors::ledger_conflict);
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
