#include <algorithm>
#include <future>

#include "domain/orders/cart_holds.h"
#include "orders/till.h"
#include "support/forwarding_ledger.h"

namespace souk::testing {
namespace {

class PlaceOrder : public Till {
protected:
    void refuses_with(const ErrorCode& code) {
        const auto before = ledger.rows().size();
        const auto placed = place(guest());
        ASSERT_FALSE(placed);
        EXPECT_EQ(placed.error().code, code);
        // Only the block of order numbers may have been reserved.
        EXPECT_LE(ledger.rows().size(), before + 1);
        EXPECT_EQ(announced("souk.order.placed.v1"), 0);
    }
};

TEST_F(PlaceOrder, CommitsTheOrderWithItsEvent) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    EXPECT_EQ(read(placed->order.id).status, orders::Status::pending);
    EXPECT_EQ(announced("souk.order.placed.v1"), 1);
}

TEST_F(PlaceOrder, KeepsEveryLineOfALargeCart) {
    for (int i = 0; i < 999; ++i) {
        carts.put(cat("SKU-", i), 1, 100);
    }
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    EXPECT_EQ(read(placed->order.id).lines.size(), 1000U);
}

TEST_F(PlaceOrder, RefusesAnEmptyCart) {
    carts.cart.lines.clear();
    refuses_with(orders::errors::cart_empty);
}

TEST_F(PlaceOrder, RefusesACartWithoutEmail) {
    carts.cart.email.clear();
    refuses_with(orders::errors::email_required);
}

TEST_F(PlaceOrder, TakesTheCustomersEmailWhereTheCartHasNone) {
    Caller caller = customer(ada);
    caller.principal.email = "ada@account.example.com";
    EXPECT_EQ(place(caller)->order.email, "ada@example.com");
    carts.cart.email.clear();
    carts.cart.cart_key = "another";
    const auto placed = place(caller);
    ASSERT_TRUE(placed) << placed.error().detail;
    EXPECT_EQ(read(placed->order.id).email, "ada@account.example.com");
}

TEST_F(PlaceOrder, TakesNoEmailOfStaffForAShoppersCart) {
    carts.cart.email.clear();
    Caller caller = staff();
    caller.principal.email = "clerk@example.com";
    const auto placed = place(caller);
    ASSERT_FALSE(placed);
    EXPECT_EQ(placed.error().code, orders::errors::email_required);
}

TEST_F(PlaceOrder, RefusesACartThatChangedSinceItWasSeen) {
    carts.cart.version = 4;
    refuses_with(orders::errors::cart_changed);
}

TEST_F(PlaceOrder, HappensOnlyWhileTheCartIsAsItWasRead) {
    carts.rows.emplace(ledger, "carts", test.environment());
    refuses_with(souk::errors::contention);  // The cart's row is never as it was read.
    Changes change;
    carts.rows->store(shop).put(change, {.partition = "cart", .sort = "head"}, Expect::absent());
    ASSERT_TRUE(carts.rows->commit(change));
    EXPECT_TRUE(place(guest()));
}

TEST_F(PlaceOrder, TellsCartsWhatHoldsThemAndBindsTheirChangesToIt) {
    const orders::HoldsOfOrders holds(orders.ledger());
    const auto change_of = [&](bool held) {
        Changes change;
        EXPECT_EQ(*holds.held(shop, "key", change), held);
        EXPECT_EQ(*holds.standing(shop, "key"),
                  held ? orders::CartStanding::ordering : orders::CartStanding::free);
        EXPECT_EQ(change.empty(), held);
        return change;
    };
    const auto code_of = [&](const Changes& change) {
        const auto committed = orders.ledger().commit(change);
        return committed ? std::string_view() : committed.error().code.name;
    };
    const Changes before = change_of(false);
    EXPECT_EQ(code_of(before), "");
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    EXPECT_EQ(code_of(before), "ledger_conflict");
    change_of(true);
    ASSERT_TRUE(
        perform(orders.ledger(), [&] { return orders.cancel(staff(), placed->order.id, ""); }));
    const Changes after = change_of(false);
    EXPECT_EQ(code_of(after), "");
    ASSERT_TRUE(place(guest()));
    EXPECT_EQ(code_of(after), "ledger_conflict");
}

TEST_F(PlaceOrder, RefusesAPriceThatRose) {
    carts.cart.lines[0].price_changed = true;
    refuses_with(orders::errors::price_changed);
}

TEST_F(PlaceOrder, RefusesWhatIsNoLongerForSale) {
    carts.cart.lines[0].sellable = false;
    refuses_with(orders::errors::item_unavailable);
}

TEST_F(PlaceOrder, RefusesShippingOrTaxThatWasNotShown) {
    carts.cart.terms_changed = true;
    refuses_with(orders::errors::price_changed);
}

TEST_F(PlaceOrder, RefusesAShippingMethodThatIsGone) {
    carts.cart.shipping_method_gone = true;
    carts.cart.terms_changed = true;
    refuses_with(orders::errors::item_unavailable);
}

TEST_F(PlaceOrder, RefusesASecondOrderOfOneCartAndNamesTheFirst) {
    const auto first = place(guest());
    const auto second = place(guest());
    ASSERT_TRUE(first);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, orders::errors::cart_already_ordered);
    EXPECT_EQ(second.error().members[0].second, cat('"', first->order.id.text(), '"'));
    EXPECT_EQ(announced("souk.order.placed.v1"), 1);
}

TEST_F(PlaceOrder, RefusesACartThatKnowsOfItsOrderInTheSameWords) {
    const std::string first = "order_" + std::string(26, 'A');
    carts.cart.order_id = first;
    const auto second = place(guest());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, orders::errors::cart_already_ordered);
    EXPECT_EQ(second.error().members[0].second, cat('"', first, '"'));
    EXPECT_EQ(announced("souk.order.placed.v1"), 0);
}

TEST_F(PlaceOrder, NumbersTheOrdersOfOneCartAndTellsTheCart) {
    for (const std::int64_t attempt : {1, 2, 3}) {
        const auto order = paid("manual_decline");
        EXPECT_EQ(order.cart_attempt, attempt);
        int told = 0;
        for (const auto& event : ledger.events()) {
            if (event.subject == order.id.text()) {
                ++told;
                EXPECT_TRUE(event.body.contains(cat(R"("cart_attempt":)", attempt))) << event.body;
            }
        }
        EXPECT_GE(told, 2) << "placed and cancelled";
    }
}

TEST_F(PlaceOrder, TheCountOfACartsOrdersOutlivesTheCartAndNotForEver) {
    EXPECT_EQ(paid("manual_decline").cart_attempt, 1);
    test.clock.advance(carts::cart_life_max);
    EXPECT_EQ(paid("manual_decline").cart_attempt, 2);
    test.clock.advance(carts::cart_life_max + std::chrono::hours(24));
    EXPECT_FALSE(orders.repository(shop).hold_on("key")->order);
    EXPECT_EQ(orders.repository(shop).hold_on("key")->attempts, 0);
}

TEST_F(PlaceOrder, CountsOnFromWhatTheCartKnowsWhereAnOlderVersionErasedTheCount) {
    carts.cart.attempts = 4;
    EXPECT_EQ(paid("manual_decline").cart_attempt, 5);
}

TEST_F(PlaceOrder, RespectsAHoldThatAnOlderVersionWrote) {
    const ServiceLedger service(ledger, "orders", test.environment());
    const auto hold_by = [&](const OrderId& id) {
        return perform(service, [&]() -> Result<Change<Done>> {
            Change<Done> change;
            service.store(shop).put(change.changes,
                                    {.partition = "cart#key",
                                     .sort = "order",
                                     .body = cat(R"({"order":")", id.text(), R"("})")},
                                    Expect::any());
            return change;
        });
    };
    const auto placed = place(guest(), "manual_decline");
    ASSERT_TRUE(placed && hold_by(placed->order.id));
    const auto second = place(guest());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, orders::errors::cart_already_ordered);
    stock_reserved(placed->order.id);
    EXPECT_TRUE(place(guest()));
}

TEST_F(PlaceOrder, GivesAGuestATokenThatIsStoredHashedOnly) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    ASSERT_FALSE(placed->token.empty());
    for (const auto& row : ledger.rows()) {
        EXPECT_EQ(row.body.find(placed->token), std::string::npos);
    }
    for (const auto& event : ledger.events()) {
        EXPECT_EQ(event.body.find(placed->token), std::string::npos);
    }
}

TEST_F(PlaceOrder, NumbersOrdersOneAfterTheOther) {
    const auto first = place(guest());
    carts.cart.cart_key = "another";
    const auto second = place(guest());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->order.number, first->order.number + 1);
}

/// Lets somebody do something before or after the next order number of a store is looked up.
class HookedNumbers final : public ForwardingLedger {
public:
    HookedNumbers(Ledger& inner, const StoreId& store)
        : ForwardingLedger(inner), store_(store.text()) {}
    std::function<void()> before, after;  // Once each.

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override {
        if (before && key.partition == cat(store_, "#numbers")) {
            std::exchange(before, {})();
        }
        auto row = ForwardingLedger::get(key);
        if (after && key.partition == cat(store_, "#numbers")) {
            std::exchange(after, {})();
        }
        return row;
    }

private:
    std::string store_;
};

class OrderNumbers : public Till {
protected:
    HookedNumbers numbers_{ledger, shop};
    orders::Orders numbered_{ServiceLedger(numbers_, "orders", test.environment()),
                             AllStores::granted_by_composition_root(),
                             carts,
                             payments,
                             {}};

    static StoreId store_named(int number) {
        return StoreId::trusted(cat("store_", zero_padded(static_cast<std::uint64_t>(number), 26)));
    }
    /// The number of an order of a new cart, or 0. Nothing is committed.
    std::int64_t number_in(const StoreId& store) { return number_by(numbered_, store); }
    static std::int64_t number_by(orders::Orders& process, const StoreId& store) {
        const auto placed = process.place(
            system_caller(store, ""),
            {.cart = CartId::trusted("cart_A"), .provider = "manual", .payment_method = "manual"});
        EXPECT_TRUE(placed) << placed.error().detail;
        return placed ? placed->value.order.number : 0;
    }
};

// One lock was held over the ledger: a throttled row of one store stalled the orders of all.
TEST_F(OrderNumbers, AStoreWhoseRowIsSlowHoldsUpNoOther) {
    std::promise<void> asked;
    std::promise<void> answers;
    numbers_.before = [&] {
        asked.set_value();
        answers.get_future().wait();
    };
    auto slow = std::async(std::launch::async, [&] { return number_in(shop); });
    asked.get_future().wait();
    auto other = std::async(std::launch::async, [&] { return number_in(store_named(1)); });
    EXPECT_EQ(other.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    answers.set_value();
    EXPECT_NE(slow.get(), 0);
    EXPECT_NE(other.get(), 0);
}

TEST_F(OrderNumbers, OfTwoProcessesThatReserveAtOnceAreNotTheSame) {
    std::int64_t theirs = 0;
    numbers_.after = [&] { theirs = number_by(orders, shop); };
    const std::int64_t ours = number_in(shop);
    EXPECT_NE(theirs, 0);
    EXPECT_NE(ours, theirs);
}

TEST_F(OrderNumbers, OfTwoBlocksThatAreReservedAtOnceEachNumberIsUsedOnce) {
    std::vector<std::int64_t> given;
    numbers_.before = [&] { given.push_back(number_in(shop)); };
    for (int i = 0; i < 39; ++i) {
        given.push_back(number_in(shop));
    }
    ASSERT_EQ(given.size(), 40U);
    for (std::size_t i = 1; i < given.size(); ++i) {
        EXPECT_EQ(given[i], given[i - 1] + 1);
    }
}

// They were kept for every store that had ever sold anything.
TEST_F(OrderNumbers, AreForgottenWhenThereAreThoseOfThousandsOfStores) {
    const std::int64_t first = number_in(shop);
    EXPECT_EQ(number_in(shop), first + 1);
    for (int i = 0; i < 4096; ++i) {
        number_in(store_named(i));
    }
    EXPECT_EQ(number_in(shop), first + 20) << "the first of the next block";
}

TEST_F(PlaceOrder, IsSeenByItsGuestItsCustomerAndStaffAlone) {
    const auto guests = place(guest());
    carts.cart.cart_key = "hers";
    const auto hers = place(customer(ada));
    ASSERT_TRUE(guests && hers);
    EXPECT_TRUE(orders.order(guest(), guests->order.id, guests->token));
    EXPECT_FALSE(orders.order(guest(), guests->order.id, "tok_wrong"));
    EXPECT_FALSE(orders.order(guest(), guests->order.id, ""));
    EXPECT_TRUE(orders.order(customer(ada), hers->order.id, ""));
    EXPECT_FALSE(orders.order(customer(UserId::trusted("user_other")), hers->order.id, ""));
    EXPECT_FALSE(orders.order(guest(), hers->order.id, guests->token));
    EXPECT_TRUE(orders.order(staff(), hers->order.id, ""));
}

TEST_F(PlaceOrder, IsNotFoundFromAnotherStore) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    Caller elsewhere = system_caller(StoreId::trusted("store_" + std::string(26, 'B')), "");
    const auto found = orders.order(elsewhere, placed->order.id, placed->token);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, souk::errors::not_found);
}

}  // namespace
}  // namespace souk::testing
