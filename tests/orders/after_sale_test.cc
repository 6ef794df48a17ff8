#include "orders/till.h"
#include "support/torn_reads.h"

namespace souk::testing {
namespace {

using orders::PaymentStatus;
using orders::RefundStatus;
using orders::Status;

class AfterSale : public Till {
protected:
    Result<orders::Order> fulfil(const OrderId& id, orders::Fulfil command) {
        return perform(orders.ledger(), [&] { return orders.fulfil(staff(), id, command); });
    }
    Result<orders::Order> ask_refund(const OrderId& id, orders::AskRefund command) {
        return perform(orders.ledger(), [&] { return orders.ask_refund(staff(), id, command); });
    }
};

TEST_F(AfterSale, WhatIsSentWhileTheOrderIsReadIsNotSentAgain) {
    carts.cart.lines.clear();
    carts.put("TEA", 3, 500);
    const auto order = paid();
    const LineId line = order.lines[0].id;
    ASSERT_TRUE(fulfil(order.id, {.lines = {{line, 1}}}));
    TornReads torn(ledger);
    orders::Orders elsewhere(ServiceLedger(torn, "orders", test.environment()),
                             AllStores::granted_by_composition_root(), carts, payments, {});
    torn.between = [&] {
        // By a machine whose clock is behind, so that it sorts before what was read already.
        test.clock.advance(-std::chrono::seconds(10));
        ASSERT_TRUE(fulfil(order.id, {.lines = {{line, 1}}}));
    };
    const auto too_many = perform(elsewhere.ledger(), [&] {
        return elsewhere.fulfil(staff(), order.id, {.lines = {{line, 2}}});
    });
    ASSERT_FALSE(too_many);
    EXPECT_EQ(too_many.error().code, souk::errors::validation_failed);
    EXPECT_EQ(fulfilled_of(read(order.id), line), 2);
}

TEST_F(AfterSale, SendingAllCompletesTheOrderAndTakesTheMoney) {
    const auto order = paid();
    ASSERT_TRUE(fulfil(order.id, {.tracking_number = "AB123"}));
    const auto sent = read(order.id);
    EXPECT_EQ(sent.status, Status::completed);
    EXPECT_EQ(sent.payment.status, PaymentStatus::captured);
    EXPECT_EQ(fulfilment_status(sent), "fulfilled");
    EXPECT_EQ(announced("souk.order.fulfilled.v1"), 1);
}

TEST_F(AfterSale, SendingAPartLeavesTheRest) {
    const auto order = paid();
    ASSERT_TRUE(fulfil(order.id, {.lines = {{order.lines[0].id, 1}}}));
    EXPECT_EQ(fulfilment_status(read(order.id)), "partially_fulfilled");
    EXPECT_EQ(read(order.id).status, Status::confirmed);
    const auto too_many = fulfil(order.id, {.lines = {{order.lines[0].id, 2}}});
    ASSERT_FALSE(too_many);
    EXPECT_EQ(too_many.error().fields[0].pointer, "/lines/0/quantity");
    ASSERT_TRUE(fulfil(order.id, {.lines = {{order.lines[0].id, 1}}}));
    EXPECT_EQ(read(order.id).status, Status::completed);
}

TEST_F(AfterSale, ALineThatIsNamedTwiceIsRefusedAtTheSecond) {
    const auto order = paid();
    const LineId line = order.lines[0].id;
    const auto expect_duplicate = [&](const Result<orders::Order>& answer) {
        ASSERT_FALSE(answer);
        ASSERT_EQ(answer.error().fields.size(), 1U);
        EXPECT_EQ(answer.error().fields[0].pointer, "/lines/1/line_id");
        EXPECT_EQ(answer.error().fields[0].code, "duplicate");
    };
    expect_duplicate(fulfil(order.id, {.lines = {{line, 1}, {line, 1}}}));
    expect_duplicate(ask_refund(order.id, {.lines = {{line, 1}, {line, 1}}}));
    EXPECT_TRUE(read(order.id).fulfilments.empty());
    EXPECT_TRUE(read(order.id).refunds.empty());
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::authorised);
    EXPECT_EQ(read(order.id).version, order.version);
}

TEST_F(AfterSale, WhatWasRefundedIsNotSent) {
    const auto order = paid();
    const LineId line = order.lines[0].id;
    ASSERT_TRUE(ask_refund(order.id, {.lines = {{line, 1}}}));
    settle();
    EXPECT_EQ(fulfilment_status(read(order.id)), "unfulfilled");
    ASSERT_TRUE(fulfil(order.id, {}));
    EXPECT_EQ(fulfilled_of(read(order.id), line), 1);
    EXPECT_EQ(fulfilment_status(read(order.id)), "fulfilled");
    EXPECT_EQ(read(order.id).status, Status::completed);
}

TEST_F(AfterSale, WhatIsStillWantedAfterARefundOfWhatArrivedBrokenIsSentByName) {
    const auto order = paid();
    const std::vector<orders::LineQuantity> one{{order.lines[0].id, 1}};
    ASSERT_TRUE(fulfil(order.id, {.lines = one}));
    test.clock.advance(std::chrono::hours(48));
    ASSERT_TRUE(ask_refund(order.id, {.lines = {{one[0].line, 1}}}));
    settle();
    EXPECT_EQ(read(order.id).status, Status::completed);
    ASSERT_TRUE(fulfil(order.id, {.lines = one}));
    EXPECT_EQ(fulfilled_of(read(order.id), one[0].line), 2);
    EXPECT_EQ(read(order.id).status, Status::completed);
    EXPECT_FALSE(fulfil(order.id, {.lines = one}));
}

TEST_F(AfterSale, AnOrderIsCompleteWhenWhatIsLeftOfItWasRefunded) {
    const auto order = paid();
    ASSERT_TRUE(fulfil(order.id, {.lines = {{order.lines[0].id, 1}}}));
    ASSERT_TRUE(ask_refund(order.id, {.lines = {{order.lines[0].id, 1}}}));
    settle();
    EXPECT_EQ(read(order.id).status, Status::completed);
}

TEST_F(AfterSale, WhatWasRefundedBeforeItWasSentIsNotSentByNameEither) {
    const auto order = paid();
    const LineId line = order.lines[0].id;
    ASSERT_TRUE(ask_refund(order.id, {.lines = {{line, 1}}}));
    settle();
    const auto too_many = fulfil(order.id, {.lines = {{line, 2}}});
    ASSERT_FALSE(too_many);
    EXPECT_EQ(too_many.error().fields[0].detail, "Only 1 are left to send.");
    ASSERT_TRUE(fulfil(order.id, {.lines = {{line, 1}}}));
    const auto more = fulfil(order.id, {.lines = {{line, 1}}});
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, orders::errors::illegal_transition);
}

TEST_F(AfterSale, TwoRefundsDoNotBothCountTheSamePiecesAsSentBack) {
    carts.put("CUP", 4, 100);
    const auto order = paid();
    const LineId cups = order.lines[1].id;
    ASSERT_TRUE(fulfil(order.id, {.lines = {{cups, 2}}}));
    for (int i = 0; i < 2; ++i) {
        test.clock.advance(std::chrono::hours(48));
        ASSERT_TRUE(ask_refund(order.id, {.lines = {{cups, 2}}}));
        settle();
    }
    EXPECT_FALSE(fulfil(order.id, {.lines = {{cups, 1}}}));
    ASSERT_TRUE(fulfil(order.id, {}));
    EXPECT_EQ(fulfilled_of(read(order.id), cups), 2);
}

TEST_F(AfterSale, NothingIsSentOfWhatWasWhollyRefunded) {
    const auto order = paid();
    const LineId line = order.lines[0].id;
    ASSERT_TRUE(ask_refund(order.id, {}));
    settle();
    const auto sent = fulfil(order.id, {});
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, orders::errors::nothing_to_fulfil);
    EXPECT_FALSE(fulfil(order.id, {.lines = {{line, 1}}}));
    EXPECT_EQ(announced("souk.order.fulfilled.v1"), 0);
}

TEST_F(AfterSale, WhatIsOnItsWayCannotBeCancelled) {
    const auto order = paid();
    ASSERT_TRUE(fulfil(order.id, {.lines = {{order.lines[0].id, 1}}}));
    const auto cancelled =
        perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, orders::errors::order_not_cancellable);
}

TEST_F(AfterSale, AFullRefundPaysOnceAndTellsWhatToRestock) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.restock_all = true}));
    settle();
    settle();
    const auto refunded = read(order.id);
    EXPECT_EQ(refunded.payment.status, PaymentStatus::refunded);
    EXPECT_EQ(refunded.refunds[0].status, RefundStatus::done);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 1);
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
    EXPECT_NE(ledger.events().back().body.find(R"("restock":[{"sku":"TEA","quantity":2}])"),
              std::string::npos);
}

TEST_F(AfterSale, AnAmountWithoutLinesRestocksNothingAndSaysSo) {
    const auto order = paid();
    const auto asked = ask_refund(order.id, {.amount = eur(300), .restock_all = true});
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, souk::errors::validation_failed);
    EXPECT_EQ(asked.error().fields[0].pointer, "/restock");
    EXPECT_TRUE(read(order.id).refunds.empty());
    EXPECT_EQ(announced("souk.order.refund_requested.v1"), 0);
    // With lines the amount is what is paid for them, and they are what is restocked.
    const auto named = ask_refund(
        order.id,
        {.lines = {{order.lines[0].id, 1, true}}, .amount = eur(300), .restock_all = true});
    ASSERT_TRUE(named);
    EXPECT_EQ(named->refunds[0].restock.size(), 1U);
}

TEST_F(AfterSale, ARefundRequestThatIsDeliveredTwicePaysOnce) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    const Event request = ledger.events().back();
    ASSERT_TRUE(deliver(request));
    ASSERT_TRUE(deliver(request));
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 300);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::partially_refunded);
}

TEST_F(AfterSale, CancellingWhatWasWhollyRefundedIsSettledAndNotRefused) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(1000)}));
    settle();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();  // Expects that every reaction succeeds.
    EXPECT_EQ(read(order.id).status, Status::cancelled);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
}

TEST_F(AfterSale, ARefundThatIsRecordedAfterTheCancellationGaveTheRestBackShowsAllOfItGone) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    // The provider has done both; the records of them come one after the other.
    ASSERT_TRUE(payments.capture(cat(order.id.text(), ":capture"), shop, order.id));
    const Event request = ledger.events().back();
    const auto refund = read(order.id).refunds.at(0).id;
    ASSERT_TRUE(payments.refund(refund.text(), shop, order.id, eur(300)));
    ASSERT_TRUE(payments.refund("rest", shop, order.id, eur(700)));
    ASSERT_TRUE(deliver(request));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
}

// The bug: the whole amount was taken from the card of a cancelled order, to give it back in parts.
TEST_F(AfterSale, ARefundThatWaitsWhileTheOrderIsCancelledTakesNoMoney) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    const Event request = ledger.events().back();
    payments.fail_next(1);
    ASSERT_FALSE(deliver(request));
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    settle();
    EXPECT_EQ(payments.calls("capture"), 1);  // The one that failed.
    EXPECT_EQ(payments.calls("refund"), 0);
    EXPECT_EQ(payments.authorised_amount(), 0);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::voided);
    EXPECT_EQ(read(order.id).refunds[0].status, RefundStatus::failed);
    EXPECT_FALSE(read(order.id).money_due);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 0);
    EXPECT_EQ(timeline_of(order.id),
              (std::vector<std::string>{"placed", "stock_reserved", "confirmed", "refund_requested",
                                        "cancelled", "refund_failed", "payment_released"}));
}

// The bug: within a millisecond the entries of two commits stood in any order.
TEST_F(AfterSale, ATimelineTellsAMillisecondInItsOrder) {
    const auto order = paid();
    std::vector<std::string> expected = {"placed", "stock_reserved", "confirmed"};
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(ask_refund(order.id, {.amount = eur(100)}));
        settle();
        expected.insert(expected.end(), {"refund_requested", "refunded"});
    }
    EXPECT_EQ(timeline_of(order.id), expected);
}

TEST_F(AfterSale, ARefundThatWaitsWhileTheOrderIsCancelledIsPaidOfMoneyThatWasTaken) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    const Event request = ledger.events().back();
    payments.lose_answers(1);
    ASSERT_FALSE(deliver(request));  // Captured, and not recorded.
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();
    settle();
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
    EXPECT_EQ(read(order.id).refunds[0].status, RefundStatus::done);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 2);  // That, and the rest.
}

// The bug: refunds and their events showed 300 of the 1000 that went back.
TEST_F(AfterSale, TheRefundsOfACancelledOrderAddUpToWhatWentBack) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    settle();
    test.clock.advance(std::chrono::milliseconds(1));  // Refunds are in the order of their ids.
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();
    settle();
    const auto over = read(order.id);
    ASSERT_EQ(over.refunds.size(), 2U);
    EXPECT_EQ(over.refunds[0].amount, eur(300));
    EXPECT_EQ(over.refunds[1].amount, eur(700));
    EXPECT_EQ(over.refunds[1].reason, "order_cancelled");
    EXPECT_EQ(over.refunds[1].status, RefundStatus::done);
    EXPECT_EQ(over.payment.status, PaymentStatus::refunded);
    EXPECT_FALSE(over.money_due);
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 2);
}

// As versions did that gave it back without a refund of the order.
TEST_F(AfterSale, NoRestIsAskedForThatTheProviderHasGivenBackAlready) {
    const auto order = paid();
    ASSERT_TRUE(payments.capture(cat(order.id.text(), ":capture"), shop, order.id));
    ASSERT_TRUE(payments.refund(cat(order.id.text(), ":cancelled"), shop, order.id, eur(1000)));
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    settle();
    EXPECT_TRUE(read(order.id).refunds.empty());
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::refunded);
}

TEST_F(AfterSale, TheRestOfACancelledOrderIsGivenBackOnceHoweverOftenTheMessageComes) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    settle();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));  // Before its message, which comes as well.
    settle();
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).refunds.size(), 2U);
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 2);
}

TEST_F(AfterSale, RefundsNeverExceedWhatWasPaid) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(700)}));
    const auto nothing = ask_refund(order.id, {.amount = eur(0)});
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().fields[0].code, "too_small");
    const auto more = ask_refund(order.id, {.amount = eur(301)});
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().fields[0].code, "too_large");
    EXPECT_EQ(more.error().fields[0].pointer, "/amount");
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    settle();
    EXPECT_EQ(payments.standing(shop, order.id)->refunded, 1000);
}

TEST_F(AfterSale, RefundingALinePieceByPieceAddsUpToTheLine) {
    carts.cart.lines[0].quantity = 3;
    carts.cart.lines[0].total = eur(1000);
    carts.cart.lines[0].tax = eur(77);
    carts.cart.totals.total = eur(1077);
    const auto order = paid();
    std::int64_t sum = 0;
    for (int i = 0; i < 3; ++i) {
        const auto asked = ask_refund(order.id, {.lines = {{order.lines[0].id, 1, false}}});
        ASSERT_TRUE(asked);
        sum += asked->refunds.back().amount.amount;
        settle();
    }
    EXPECT_EQ(sum, 1077);
}

// The bug: an order with a gift could never end: nothing could be paid back for it.
TEST_F(AfterSale, AGiftThatIsNotSentIsCalledOffForNothing) {
    carts.put("GIFT", 1, 0);
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] {
        return orders.fulfil(staff(), order.id, {.lines = {{order.lines[0].id, 2}}});
    }));
    const orders::AskRefund gift{.lines = {{order.lines[1].id, 1, true}}};
    EXPECT_FALSE(ask_refund(order.id, {.lines = gift.lines, .amount = eur(5000)}));
    ASSERT_TRUE(ask_refund(order.id, gift));
    settle();
    const auto over = read(order.id);
    EXPECT_EQ(over.status, Status::completed);
    EXPECT_EQ(over.refunds.at(0).status, RefundStatus::done);
    EXPECT_EQ(over.refunds.at(0).amount, eur(0));
    EXPECT_EQ(over.payment.status, PaymentStatus::captured);
    EXPECT_EQ(payments.calls("refund"), 0);
    EXPECT_EQ(announced("souk.order.refunded.v1"), 1) << "its goods go back on the shelf";
    EXPECT_FALSE(ask_refund(order.id, gift));
}

TEST_F(AfterSale, AnOrderThatCostNothingGoesBackOnTheShelfOnce) {
    carts.cart.lines.clear();
    carts.cart.totals = {eur(0), eur(0), eur(0), eur(0), eur(0)};
    carts.put("GIFT", 3, 0);
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.lines = {{order.lines[0].id, 1, true}}}));
    ASSERT_TRUE(ask_refund(order.id, {.lines = {}, .restock_all = true}));
    settle();
    EXPECT_EQ(payments.calls("refund"), 0);
    EXPECT_EQ(read(order.id).refunds.size(), 2U);
    const auto again = ask_refund(order.id, {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, orders::errors::nothing_to_refund);
}

TEST_F(AfterSale, ARefundTellsAllOfItsMistakesAtOnce) {
    const auto order = paid();
    const auto usd = Money{*Currency::parse("USD"), 1};
    const auto many = ask_refund(order.id, {.lines = {{order.lines[0].id, 3}}, .amount = usd});
    ASSERT_FALSE(many);
    ASSERT_EQ(many.error().fields.size(), 2U);
    EXPECT_EQ(many.error().fields[0].pointer, "/lines/0/quantity");
    EXPECT_EQ(many.error().fields[1].pointer, "/amount/currency");
    const auto goods = ask_refund(order.id, {.amount = eur(5000), .restock_all = true});
    ASSERT_FALSE(goods);
    ASSERT_EQ(goods.error().fields.size(), 2U);
    EXPECT_EQ(goods.error().fields[0].pointer, "/amount");
    EXPECT_EQ(goods.error().fields[1].pointer, "/restock");
}

TEST_F(AfterSale, ARefundOfLinesThatAreWorthMoreThanIsLeftPointsAtTheLines) {
    const auto order = paid();
    ASSERT_TRUE(ask_refund(order.id, {.amount = eur(300)}));
    settle();
    const auto more = ask_refund(order.id, {.lines = {{order.lines[0].id, 2}}});
    ASSERT_FALSE(more);
    ASSERT_EQ(more.error().fields.size(), 1U);
    EXPECT_EQ(more.error().fields[0].pointer, "/lines");
}

TEST_F(AfterSale, AnOrderThatWasNeverPaidCannotBeRefunded) {
    const auto placed = place(guest());
    ASSERT_TRUE(placed);
    const auto asked = ask_refund(placed->order.id, {});
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().code, orders::errors::illegal_transition);
    EXPECT_EQ(announced("souk.order.refund_requested.v1"), 0);
}

TEST_F(AfterSale, AStaleVersionIsRefused) {
    const auto order = paid();
    Caller stale = staff();
    stale.if_match = std::vector<std::uint64_t>{1};
    const auto cancelled =
        perform(orders.ledger(), [&] { return orders.cancel(stale, order.id, ""); });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, souk::errors::version_mismatch);
    EXPECT_EQ(read(order.id).status, Status::confirmed);
}

}  // namespace
}  // namespace souk::testing
