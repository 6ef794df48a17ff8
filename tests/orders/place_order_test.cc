#include "domain/orders/cart_holds.h"
#include "orders/till.h"

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
        for (const auto& event : ledger.events()) {
            if (event.subject == order.id.text()) {
                EXPECT_TRUE(event.body.contains(cat(R"("cart_attempt":)", attempt))) << event.body;
            }
        }
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
