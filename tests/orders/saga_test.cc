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

TEST_F(Saga, CancellingAConfirmedOrderGivesThePaymentBack) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(),
                        [&] { return orders.cancel(staff(), order.id, "changed my mind"); }));
    settle();
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::voided);
    EXPECT_EQ(payments.authorised_amount(), 0);
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
    const auto timeline = orders.timeline(staff(), order.id);
    ASSERT_TRUE(timeline);
    std::vector<std::string> types;
    for (const auto& entry : *timeline) {
        types.push_back(entry.type);
    }
    EXPECT_EQ(types, (std::vector<std::string>{"placed", "stock_reserved", "confirmed"}));
}

}  // namespace
}  // namespace souk::testing
