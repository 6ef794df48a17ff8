#include "orders/till.h"

namespace souk::testing {
namespace {

using orders::PaymentStatus;
using orders::Status;

class Saga : public Till {};

TEST_F(Saga, ConfirmsWhatIsReservedAndPaid) {
    const auto order = paid();
    EXPECT_EQ(order.status, Status::confirmed);
    EXPECT_EQ(order.payment.status, PaymentStatus::authorised);
    EXPECT_EQ(announced("souk.order.confirmed.v1"), 1);
    EXPECT_EQ(payments.authorised_amount(), 1000);
}

TEST_F(Saga, CancelsWhatIsOutOfStockWithoutAskingForPayment) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    ASSERT_TRUE(react("souk.stock.rejected.v1", placed->order.id,
                      R"({"reason":"out_of_stock","skus":["TEA"]})"));
    settle();
    const auto order = read(placed->order.id);
    EXPECT_EQ(order.status, Status::cancelled);
    EXPECT_EQ(order.cancel_reason, "out_of_stock");
    EXPECT_EQ(payments.calls("authorise"), 0);
}

TEST_F(Saga, CancelsWhatIsDeclined) {
    const auto order = paid("manual_decline");
    EXPECT_EQ(order.status, Status::cancelled);
    EXPECT_EQ(order.cancel_reason, "payment_declined");
    EXPECT_EQ(order.payment.status, PaymentStatus::declined);
    EXPECT_EQ(announced("souk.order.cancelled.v1"), 1);
}

TEST_F(Saga, CancelsAtItsDeadlineWhatIsNeverPaid) {
    const auto order = paid("manual_timeout");
    EXPECT_EQ(order.status, Status::awaiting_payment);
    test.clock.advance(std::chrono::seconds(59));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).status, Status::awaiting_payment);
    test.clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).status, Status::cancelled);
    EXPECT_EQ(read(order.id).cancel_reason, "payment_timeout");
    EXPECT_EQ(test.telemetry.counted("souk_orders_stuck_total"), 0) << "its customer did not pay";
}

TEST_F(Saga, CountsAnOrderThatNobodyAnsweredFor) {
    const auto order = place(guest());
    test.clock.advance(orders::OrdersOptions{}.payment_deadline);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order->order.id).cancel_reason, "expired");
    EXPECT_EQ(test.telemetry.counted("souk_orders_stuck_total"), 1);
}

TEST_F(Saga, AnAuthorisationThatComesAfterTheCancellationDoesNotStand) {
    const auto order = paid("manual_timeout");
    test.clock.advance(std::chrono::seconds(61));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    settle();
    payments.decide(order.id, MemoryPayments::Decision::authorised);
    EXPECT_EQ(payments.authorised_amount(), 0);
}

TEST_F(Saga, ARedeliveredReservationAuthorisesOnce) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    const Event event =
        orders.ledger().event(shop, "souk.stock.reserved.v1", placed->order.id.text(), "{}", "");
    ASSERT_TRUE(deliver(event));
    ASSERT_TRUE(deliver(event));
    EXPECT_EQ(announced("souk.order.confirmed.v1"), 1);
    EXPECT_EQ(payments.authorised_amount(), 1000);
}

TEST_F(Saga, ACrashAfterAuthorisationIsFinishedByTheRedelivery) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    payments.lose_answers(1);
    EXPECT_FALSE(react("souk.stock.reserved.v1", placed->order.id, "{}"));
    EXPECT_EQ(read(placed->order.id).status, Status::awaiting_payment);
    stock_reserved(placed->order.id);
    EXPECT_EQ(read(placed->order.id).status, Status::confirmed);
    EXPECT_EQ(payments.authorised_amount(), 1000);
}

TEST_F(Saga, AProviderThatIsDownIsAskedAgain) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    payments.fail_next(1);
    const auto reacted = react("souk.stock.reserved.v1", placed->order.id, "{}");
    ASSERT_FALSE(reacted);
    EXPECT_EQ(after_failure(reacted.error()), AfterFailure::retry);
}

// The bug: a provider that was away for a minute cost a shop every order that was placed meanwhile.
TEST_F(Saga, APaymentThatTheBusGaveUpIsAskedForAgainByTheSweep) {
    orders::Orders patient(ServiceLedger(ledger, "orders", test.environment()),
                           AllStores::granted_by_composition_root(), carts, payments,
                           {.payment_deadline = std::chrono::minutes(15)});
    const auto placed = perform(patient.ledger(), [&] {
        return patient.place(guest(), {.cart = CartId::trusted("cart_" + std::string(26, 'A')),
                                       .cart_version = 3,
                                       .provider = "manual",
                                       .payment_method = "manual"});
    });
    ASSERT_TRUE(placed);
    const OrderId& id = placed->order.id;
    payments.fail_next(2);
    ASSERT_FALSE(react("souk.stock.reserved.v1", id, "{}"));
    test.clock.advance(orders::payment_patience - std::chrono::seconds(1));
    EXPECT_EQ(patient.sweep(test.clock.now()), 0);
    test.clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(patient.sweep(test.clock.now()));
    EXPECT_EQ(read(id).status, Status::awaiting_payment) << "it is still away";
    test.clock.advance(orders::payment_patience);
    ASSERT_TRUE(patient.sweep(test.clock.now()));
    EXPECT_EQ(read(id).status, Status::confirmed);
    EXPECT_EQ(payments.authorised_amount(), 1000);
    EXPECT_FALSE(read(id).money_due);
}

TEST_F(Saga, CancellingAConfirmedOrderGivesThePaymentBack) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(),
                        [&] { return orders.cancel(staff(), order.id, "changed my mind"); }));
    settle();
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::voided);
    EXPECT_EQ(payments.authorised_amount(), 0);
}

TEST_F(Saga, AnAuthorisationThatNobodyRecordedIsShownAsGivenBack) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    const OrderId& id = placed->order.id;
    payments.lose_answers(1);
    ASSERT_FALSE(react("souk.stock.reserved.v1", id, "{}"));
    ASSERT_EQ(read(id).payment.status, PaymentStatus::none);
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), id, ""); }));
    settle();
    EXPECT_EQ(payments.authorised_amount(), 0);
    EXPECT_EQ(read(id).payment.status, PaymentStatus::voided);
    EXPECT_EQ(timeline_of(id).back(), "payment_released");
}

TEST_F(Saga, OfAPaymentThatNeverWasNothingIsShownAsGivenBack) {
    const auto order = paid("manual_timeout");
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();
    EXPECT_EQ(payments.calls("cancel"), 1);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::none);
    EXPECT_EQ(timeline_of(order.id).back(), "cancelled");
}

TEST_F(Saga, ACancelledOrderFreesItsCartForAnother) {
    const auto order = paid("manual_decline");
    EXPECT_TRUE(place(guest()));
    EXPECT_EQ(announced("souk.order.placed.v1"), 2);
}

TEST_F(Saga, AReservationThatComesAfterTheCancellationChangesNothing) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    ASSERT_TRUE(
        perform(orders.ledger(), [&] { return orders.cancel(staff(), placed->order.id, ""); }));
    stock_reserved(placed->order.id);
    EXPECT_EQ(read(placed->order.id).status, Status::cancelled);
    EXPECT_EQ(payments.calls("authorise"), 0);
}

// What a message no longer asks for, because the bus gave it up, the sweep does.

TEST_F(Saga, AVoidThatTheBusGaveUpIsMadeUpForByTheSweep) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    test.clock.advance(orders::money_patience - std::chrono::seconds(1));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(payments.authorised_amount(), 1000);
    test.clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(payments.authorised_amount(), 0);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::voided);
    settle();  // The operator sends the message back.
    EXPECT_EQ(payments.calls("cancel"), 2);
    EXPECT_EQ(timeline_of(order.id),
              (std::vector<std::string>{"placed", "stock_reserved", "confirmed", "cancelled",
                                        "payment_released"}));
}

TEST_F(Saga, ARefundThatTheBusGaveUpIsMadeUpForByTheSweep) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.ask_refund(staff(), order.id, {}); }));
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 1);
    settle();
    EXPECT_EQ(announced("souk.order.refunded.v1"), 1);
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
}

TEST_F(Saga, AProviderThatStaysAwayIsNotAskedByEverySweep) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    test.clock.advance(orders::money_patience);
    payments.fail_next(1);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(orders.sweep(test.clock.now()));
    }
    EXPECT_EQ(payments.calls("cancel"), 1);
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(payments.authorised_amount(), 0);
}

TEST_F(Saga, AProviderThatIsAwayIsWaitedForOnceASweep) {
    for (const char* cart : {"first", "second"}) {
        carts.cart.cart_key = cart;
        const auto order = paid();
        ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    }
    test.clock.advance(orders::money_patience);
    payments.fail_next(1);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(payments.calls("cancel"), 1);
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(payments.calls("cancel"), 3);
    EXPECT_EQ(payments.authorised_amount(), 0);
}

TEST_F(Saga, ADeadlineIsNotHiddenByAHeapOfOrdersThatWaitForTheProvider) {
    for (int i = 0; i < 105; ++i) {  // More than one sweep takes.
        carts.cart.cart_key = cat("cart", i);
        const auto order = paid();
        ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    }
    carts.cart.cart_key = "last";
    const auto unpaid = place(guest());
    test.clock.advance(orders::money_patience + orders::OrdersOptions{}.payment_deadline);
    payments.fail_next(1);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    payments.fail_next(1);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(unpaid->order.id).status, Status::cancelled);
}

TEST_F(Saga, ASweepThatTheProviderFailsSettlesNothing) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    test.clock.advance(orders::money_patience);
    payments.fail_next(1);
    EXPECT_EQ(*orders.sweep(test.clock.now()), 0);
    test.clock.advance(orders::money_patience);
    EXPECT_EQ(*orders.sweep(test.clock.now()), 1);
    EXPECT_EQ(payments.authorised_amount(), 0);
}

TEST_F(Saga, NothingIsDueOnceTheProviderHasItsWord) {
    const auto cancelled = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), cancelled.id, ""); }));
    const auto refunded = paid();
    ASSERT_TRUE(
        perform(orders.ledger(), [&] { return orders.ask_refund(staff(), refunded.id, {}); }));
    settle();
    test.clock.advance(orders::money_patience);
    const auto due = orders.sweep(test.clock.now());
    ASSERT_TRUE(due);
    EXPECT_EQ(*due, 0);
}

TEST_F(Saga, AFreeOrderWhoseCaptureWasNotRecordedCanBeCancelled) {
    carts.cart.lines.clear();
    carts.cart.totals = {eur(0), eur(0), eur(0), eur(0), eur(0)};
    carts.put("GIFT", 1, 0);
    const auto order = paid();
    ASSERT_EQ(order.status, Status::confirmed);
    // What a crash in the middle of sending it leaves.
    ASSERT_TRUE(payments.capture(cat(order.id.text(), ":capture"), shop, order.id));
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
}

TEST_F(Saga, TheTableOfMovesIsWhole) {
    using enum Status;
    const std::map<Status, std::vector<Status>> legal{{pending, {awaiting_payment, cancelled}},
                                                      {awaiting_payment, {confirmed, cancelled}},
                                                      {confirmed, {completed, cancelled}},
                                                      {completed, {}},
                                                      {cancelled, {}}};
    for (const auto& [from, targets] : legal) {
        for (const Status to : {pending, awaiting_payment, confirmed, completed, cancelled}) {
            const bool allowed = std::ranges::find(targets, to) != targets.end();
            EXPECT_EQ(orders::may_move(from, to), allowed)
                << name_of(from) << " -> " << name_of(to);
        }
    }
}

TEST_F(Saga, EveryStepIsInTheTimeline) {
    const auto order = paid();
    EXPECT_EQ(timeline_of(order.id),
              (std::vector<std::string>{"placed", "stock_reserved", "confirmed"}));
}

// The bug: it ended with its 500th entry, while 200 fulfilments and 200 refunds make some 600.
TEST_F(Saga, AnOrdersTimelineIsWholeHoweverLong) {
    auto order = paid();
    const auto before = timeline_of(order.id).size();
    constexpr std::size_t more = query_limit_max;
    for (std::size_t i = 0; i < more; ++i) {
        ASSERT_TRUE(perform(orders.ledger(), [&]() -> Result<Change<Done>> {
            Change<Done> change;
            order.news.push_back({.at = test.clock.now(), .type = cat("entry ", i)});
            orders.repository(shop).put_head(change.changes, order);
            return change;
        }));
    }
    const auto timeline = timeline_of(order.id);
    ASSERT_EQ(timeline.size(), before + more);
    EXPECT_EQ(timeline.front(), "placed");
    EXPECT_EQ(timeline[before + more - 2], cat("entry ", more - 2));
    EXPECT_EQ(timeline.back(), cat("entry ", more - 1));
}

}  // namespace
}  // namespace souk::testing
