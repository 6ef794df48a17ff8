#include <functional>
#include <utility>

#include "orders/forwarding_payments.h"
#include "orders/till.h"
#include "support/overtaken_ledger.h"
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

/// Lets somebody act once, right after it has told what it holds.
class OvertakenPayments final : public ForwardingPayments {
public:
    using ForwardingPayments::ForwardingPayments;
    std::function<void()> once_told;

    Result<Standing> standing(const StoreId& store, const OrderId& order) override {
        auto told = ForwardingPayments::standing(store, order);
        if (const auto once = std::exchange(once_told, {})) {
            once();
        }
        return told;
    }
};

/// Two who look after the same capture: a sweep, and somebody who acts between its steps.
class CaptureRaces : public Till {
protected:
    OvertakenLedger overtaken{ledger};
    OvertakenPayments told{payments};
    orders::Orders sweeper{ServiceLedger(overtaken, "orders", test.environment()),
                           AllStores::granted_by_composition_root(),
                           carts,
                           told,
                           {}};

    /// An order whose capture was asked for by a process that died before the provider heard it,
    /// and that is due to be looked after.
    orders::Order whose_capture_was_lost() {
        const auto order = paid();
        payments.fail_next(1);
        EXPECT_FALSE(orders.fulfil(staff(), order.id, {}));
        test.clock.advance(orders::money_patience);
        return order;
    }
    [[nodiscard]] bool is_watched(const OrderId& id) const {
        return orders.repository(shop).watched_capture(id)->has_value();
    }
};

TEST_F(CaptureRaces, AFulfilmentThatIsRecordedWhileTheSweepLooksIsNotWatchedAgain) {
    const auto order = whose_capture_was_lost();
    overtaken.before_commit = [&] {
        ASSERT_TRUE(perform(orders.ledger(), [&] { return orders.fulfil(staff(), order.id, {}); }));
    };
    EXPECT_EQ(sweeper.sweep(test.clock.now()), 1);
    EXPECT_FALSE(is_watched(order.id));
}

TEST_F(CaptureRaces, ACaptureThatBeginsWhileTheSweepTakesTheOldOneIsLeftToItsFulfilment) {
    for (const auto moment : {&OvertakenLedger::before_commit, &OvertakenLedger::after_commit}) {
        const auto order = whose_capture_was_lost();
        Result<Change<orders::Order>> sent = fail(souk::errors::not_found, "");
        overtaken.*moment = [&] { sent = orders.fulfil(staff(), order.id, {}); };
        EXPECT_EQ(sweeper.sweep(test.clock.now()), 1);
        ASSERT_TRUE(sent);
        EXPECT_EQ(read(order.id).payment.status, PaymentStatus::authorised);
        ASSERT_TRUE(orders.ledger().commit(sent->changes));
        EXPECT_EQ(timeline_of(order.id),
                  (std::vector<std::string>{"placed", "stock_reserved", "confirmed", "fulfilled"}));
        carts.cart.cart_key = "another";
    }
}

TEST_F(CaptureRaces, ACaptureThatBeginsOnceTheProviderWasAskedOfTheOldOneIsStillWatched) {
    const auto order = whose_capture_was_lost();
    told.once_told = [&] { ASSERT_TRUE(orders.fulfil(staff(), order.id, {})); };
    ASSERT_TRUE(sweeper.sweep(test.clock.now()));
    EXPECT_TRUE(is_watched(order.id));
    test.clock.advance(orders::money_patience);
    ASSERT_TRUE(orders.sweep(test.clock.now()));
    EXPECT_EQ(read(order.id).payment.status, PaymentStatus::captured);
}

}  // namespace
}  // namespace souk::testing
