#include <functional>
#include <utility>

#include "carts/basket.h"

namespace souk::testing {
namespace {

/// Orders whose rows a commit can be bound to, as the real ones are; lets the test act right after
/// carts were told that none holds a cart.
class BoundOrders : public UnheardOrders {
public:
    explicit BoundOrders(ServiceLedger ledger) : ledger_(std::move(ledger)) {}
    mutable std::function<void(std::string_view key)> told_free;

    [[nodiscard]] Result<bool> held(const StoreId& store, std::string_view cart_key,
                                    Changes& changes) const override {
        if (held_keys.contains(cart_key)) {
            return true;
        }
        ledger_.store(store).check(changes, cart_key, "hold", Expect::absent());
        if (told_free) {
            told_free(cart_key);
        }
        return false;
    }
    /// Places an order of the cart, if it still is as `checkout` has it.
    void place(const carts::CartReader& reader, const carts::Checkout& checkout) {
        Changes order;
        reader.bind(order, shop, checkout);
        ledger_.store(shop).put(order,
                                {.partition = checkout.cart_key, .sort = "hold", .body = "{}"},
                                Expect::absent());
        ASSERT_TRUE(ledger_.commit(order));
        held_keys.insert(checkout.cart_key);
    }

private:
    ServiceLedger ledger_;
};

class MergeRaces : public Basket {
protected:
    /// What `verb` decided is committed after `meanwhile`, the first time.
    template <class Verb>
    auto commit_after(std::function<void()> meanwhile, Verb verb) {
        return commit([&, meanwhile]() mutable {
            auto change = verb();
            if (const auto once = std::exchange(meanwhile, {})) {
                once();
            }
            return change;
        });
    }
    CartId guests_cart_with(const std::string& sku) {
        const CartId cart = open(guest());
        EXPECT_TRUE(add(guest(), cart, sku, 1));
        return cart;
    }
};

// The bug: of two guest's carts that were merged at once each became the customer's own, and the
// goods stayed parted for good.
TEST_F(MergeRaces, TwoCartsMergedAtOnceBecomeOne) {
    for (const bool has_ordered_before : {false, true}) {
        const Caller caller = customer(has_ordered_before ? ada : bob);
        if (has_ordered_before) {
            unheard.held_keys.insert(carts.cart(caller, open(caller))->cart.key);
        }
        const CartId one = guests_cart_with("TEA");
        const CartId two = guests_cart_with("CUP");
        const auto merge = [&](const CartId& cart) { return carts.merge(caller, cart); };
        const auto later = commit_after(
            [&] {
                const auto first = commit([&] { return merge(two); });
                ASSERT_TRUE(first);
                EXPECT_EQ(first->cart.id, two);
            },
            [&] { return merge(one); });
        ASSERT_TRUE(later);
        EXPECT_EQ(later->cart.id, two);
        EXPECT_EQ(later->lines.size(), 2U);
        for (const CartId& repeated : {one, two}) {
            EXPECT_EQ(commit([&] { return merge(repeated); })->cart.id, two);
        }
    }
}

TEST_F(MergeRaces, ACartThatTheCustomerOpensMeanwhileTakesTheMerged) {
    const CartId other = guests_cart_with("TEA");
    std::optional<CartId> own;
    const auto merged = commit_after([&] { own = open(customer(ada)); },
                                     [&] { return carts.merge(customer(ada), other); });
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->cart.id, own);
}

TEST_F(MergeRaces, OfTwoCartsOpenedAtOnceBothAreThereAndTheLaterIsCurrent) {
    std::optional<CartId> first;
    int tries = 0;
    const auto later = commit_after([&] { first = open(customer(ada)); },
                                    [&] {
                                        ++tries;
                                        return carts.create(customer(ada), {});
                                    });
    ASSERT_TRUE(later);
    EXPECT_EQ(tries, 1);
    EXPECT_TRUE(carts.cart(customer(ada), *first));
    const CartId other = guests_cart_with("TEA");
    EXPECT_EQ(commit([&] { return carts.merge(customer(ada), other); })->cart.id, later->cart.id);
}

// The bug: a merge was refused, with a part of the goods moved, when the customer's own cart was
// ordered in between.
TEST_F(MergeRaces, AnOrderOfTheCustomersCartInBetweenRefusesNoMerge) {
    for (const int moment : {1, 2, 3, 4}) {
        BoundOrders orders(ServiceLedger(ledger, "orders", test.environment()));
        const carts::Carts racing(ServiceLedger(ledger, "carts", test.environment()),
                                  AllStores::granted_by_composition_root(), store, shelf, orders);
        const CartId own = open(customer(ada));
        ASSERT_TRUE(add(customer(ada), own, "TEA", 1));
        const CartId other = open(guest());
        for (int i = 0; i < 60; ++i) {
            shelf.put(cat("SKU-", i), 1);
            ASSERT_TRUE(add(guest(), other, cat("SKU-", i), 1));
        }
        int asked = 0;
        std::size_t ordered = 0;
        orders.told_free = [&](std::string_view key) {
            const auto checkout = racing.checkout(customer(ada), own);
            if (key == checkout->cart_key && ++asked == moment) {
                ordered = checkout->lines.size();
                orders.place(racing, *checkout);
            }
        };
        const auto merged = commit([&] { return racing.merge(customer(ada), other); });
        ASSERT_TRUE(merged) << moment << merged.error().detail;
        EXPECT_EQ(merged->cart.id, ordered == 0 ? own : other) << moment;
        EXPECT_EQ(merged->lines.size() + ordered, 61U) << moment;
    }
}

}  // namespace
}  // namespace souk::testing
