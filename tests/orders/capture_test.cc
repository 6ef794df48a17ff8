#include "orders/till.h"
#include "support/torn_reads.h"

/// Money is taken when goods are sent: between the provider's word and our record of it.
namespace souk::testing {
namespace {

using orders::PaymentStatus;
using orders::Status;
using Capture = Till;

// The bug: it had asked for the money before it lost to the cancellation; what was never sent was
// charged and refunded, under a mail that said it had not been charged.
TEST_F(Capture, AFulfilmentThatACancellationOvertakesTakesNoMoney) {
    const auto order = paid();
    TornReads torn(ledger);
    orders::Orders elsewhere(ServiceLedger(torn, "orders", test.environment()),
                             AllStores::granted_by_composition_root(), carts, payments, {});
    torn.between = [&] {
        ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); }));
    };
    const auto late = rerun([&] { return elsewhere.fulfil(staff(), order.id, {}); });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, orders::errors::illegal_transition);
    EXPECT_EQ(payments.calls("capture"), 0);
    settle();
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::voided);
}

TEST_F(Capture, ACancellationDoesNotOvertakeACaptureThatIsUnderWay) {
    const auto order = paid();
    const auto sent = orders.fulfil(staff(), order.id, {});
    ASSERT_TRUE(sent) << "and the money is taken, which is not committed yet";
    const auto before = ledger.rows().size();
    const auto cancelled =
        perform(orders.ledger(), [&] { return orders.cancel(staff(), order.id, ""); });
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, orders::errors::order_not_cancellable);
    EXPECT_EQ(ledger.rows().size(), before);
    ASSERT_TRUE(orders.ledger().commit(sent->changes));
    EXPECT_EQ(read(order.id).status, Status::completed);
}

TEST_F(Capture, ACaptureThatBeginsWhileACancellationIsDecidedIsNotOvertakenEither) {
    const auto order = paid();
    const auto decided = orders.cancel(staff(), order.id, "");
    ASSERT_TRUE(decided);
    const auto sent = orders.fulfil(staff(), order.id, {});
    ASSERT_TRUE(sent);
    const auto committed = orders.ledger().commit(decided->changes);
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, souk::errors::ledger_conflict);
}

// The process died between the provider's word and the record: charged, and shown as authorised.
TEST_F(Capture, MoneyThatWasTakenForAFulfilmentThatWasNeverRecordedIsFound) {
    const auto order = paid();
    ASSERT_TRUE(orders.fulfil(staff(), order.id, {})) << "and its changes are never committed";
    ASSERT_EQ(read(order.id).payment.status, PaymentStatus::authorised);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::authorised) << "it may be under way";
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::captured);
    EXPECT_EQ(read(order.id).status, Status::confirmed);
    EXPECT_EQ(timeline_of(order.id).back(), "payment_captured");
    const auto version = read(order.id).version;
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).version, version);
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.fulfil(staff(), order.id, {}); }));
    EXPECT_EQ(payments.calls("capture"), 1);
}

/// Is asked what it holds, and is away.
class AwayPayments final : public Payments {
public:
    int asked = 0;
    Result<Authorisation> authorise(std::string_view, const PaymentRequest&) override {
        return away();
    }
    Result<void> capture(std::string_view, const StoreId&, const OrderId&) override {
        return away();
    }
    Result<void> cancel(std::string_view, const StoreId&, const OrderId&) override {
        return away();
    }
    Result<void> refund(std::string_view, const StoreId&, const OrderId&, const Money&) override {
        return away();
    }
    Result<Standing> standing(const StoreId&, const OrderId&) override {
        ++asked;
        return away();
    }

private:
    static std::unexpected<Error> away() {
        return fail(souk::errors::payments_unavailable, "It is away.");
    }
};

TEST_F(Capture, AProviderThatIsAwayIsNotAskedAboutACaptureByEverySweep) {
    const auto order = paid();
    ASSERT_TRUE(orders.fulfil(staff(), order.id, {})) << "and its changes are never committed";
    AwayPayments away;
    const orders::Orders cut_off(ServiceLedger(ledger, "orders", test.environment()),
                                 AllStores::granted_by_composition_root(), carts, away, {});
    test.clock.advance(orders::money_patience);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(cut_off.sweep(test.clock.now()));
    }
    EXPECT_EQ(away.asked, 1);
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::authorised);
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::captured);
}

TEST_F(Capture, AFulfilmentThatIsRecordedLeavesNothingToLookFor) {
    const auto order = paid();
    ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.fulfil(staff(), order.id, {}); }));
    for (const auto& row : ledger.rows()) {
        EXPECT_NE(row.key.sort, "capture");
    }
    const auto version = read(order.id).version;
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).version, version);
}

}  // namespace
}  // namespace souk::testing
