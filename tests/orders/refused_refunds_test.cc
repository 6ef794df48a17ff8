#include "orders/forwarding_payments.h"
#include "orders/till.h"

/// What the provider says to a refund, and what the shop gets to know of it.
namespace souk::testing {
namespace {

using orders::PaymentStatus;
using orders::RefundStatus;

/// Takes money, and gives none back.
class RefusingPayments final : public ForwardingPayments {
public:
    using ForwardingPayments::ForwardingPayments;
    ErrorCode refusal = souk::errors::payment_state;

    Result<void> refund(std::string_view, const StoreId&, const OrderId&, const Money&) override {
        return fail(refusal, "It was told to refuse.");
    }
};

class RefusedRefunds : public Till {
protected:
    RefusingPayments refusing{payments};
    orders::Orders refused{ServiceLedger(ledger, "orders", test.environment()),
                           AllStores::granted_by_composition_root(),
                           carts,
                           refusing,
                           {}};

    Result<orders::Order> ask_refund(const OrderId& id) {
        return perform(orders.ledger(),
                       [&] { return orders.ask_refund(staff(), id, {.amount = eur(300)}); });
    }
    /// Looks after the refund that was asked for last, with the provider that refuses it.
    Result<void> pay(const orders::Order& order) {
        const auto paid = perform(refused.ledger(), [&]() -> Result<Change<Done>> {
            return Change<Done>{
                {}, TRY(refused.pay_refund(shop, order.id, order.refunds.back().id, ""))};
        });
        return paid ? Result<void>{} : std::unexpected(paid.error());
    }
};

TEST_F(RefusedRefunds, ThatTheProviderWillNeverDoHaveFailedAndTheShopIsToldWhy) {
    for (const ErrorCode refusal : {souk::errors::payment_state, souk::errors::unknown_payment}) {
        refusing.refusal = refusal;
        carts.cart.cart_key = refusal.name;
        const auto asked = ask_refund(paid().id);
        ASSERT_TRUE(asked);
        ASSERT_TRUE(pay(*asked));
        const auto order = read(asked->id);
        EXPECT_EQ(order.refunds.at(0).status, RefundStatus::failed);
        EXPECT_EQ(order.payment.status, PaymentStatus::captured);
        EXPECT_EQ(refundable(order), eur(1000));
        EXPECT_FALSE(order.money_due) << "nobody asks for it again";
        const auto told = orders.timeline(staff(), order.id)->back();
        EXPECT_EQ(told.type, "refund_failed");
        EXPECT_EQ(told.detail, refusal.name);
        EXPECT_EQ(announced("souk.order.refunded.v1"), 0);
    }
}

TEST_F(RefusedRefunds, ThatMayWorkLaterStayOpenAndAreToldToNobody) {
    refusing.refusal = souk::errors::payments_unavailable;
    const auto asked = ask_refund(paid().id);
    ASSERT_TRUE(asked);
    const auto outcome = pay(*asked);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, souk::errors::payments_unavailable);
    EXPECT_EQ(read(asked->id).refunds.at(0).status, RefundStatus::pending);
    EXPECT_EQ(timeline_of(asked->id).back(), "refund_requested");
    settle();
    EXPECT_EQ(read(asked->id).refunds.at(0).status, RefundStatus::done);
}

TEST_F(RefusedRefunds, AreAskedForAgainWithoutCountingTwice) {
    const auto first = ask_refund(paid().id);
    ASSERT_TRUE(first);
    ASSERT_TRUE(pay(*first));
    ASSERT_TRUE(
        perform(orders.ledger(), [&] { return orders.ask_refund(staff(), first->id, {}); }));
    settle();
    EXPECT_EQ(read(first->id).payment.status, PaymentStatus::refunded);
    EXPECT_EQ(payments.standing(shop, first->id)->refunded, 1000);
}

}  // namespace
}  // namespace souk::testing
