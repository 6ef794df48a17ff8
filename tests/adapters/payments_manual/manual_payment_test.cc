#include "adapters/payments_manual/manual_payment.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {
namespace {

Money euros(std::int64_t cents) { return {*Currency::parse("EUR"), cents}; }

ManualPayment captured(std::int64_t cents) {
    ManualPayment payment;
    payment.status = ManualPayment::Status::captured;
    payment.currency = "EUR";
    payment.amount = cents;
    return payment;
}

TEST(ManualPayment, SurvivesItsRow) {
    ManualPayment payment = captured(5000);
    payment.reference = "pay_1";
    payment.reason = "why \"not\"";
    payment.authorise_key = "order_1";
    payment.method = "manual";
    payment.capture_key = "order_1:capture";
    payment.refunds = {{"ref_1", 100}, {"ref_2", 200}};
    const auto again = decode_manual_payment(encode(payment));
    ASSERT_TRUE(again);
    EXPECT_EQ(encode(*again), encode(payment));
    EXPECT_EQ(again->refunded(), 300);
}

TEST(ManualPayment, RefusesARowOfAnotherFormat) {
    for (const auto row :
         {"{}", "[]", R"({"format":2,"status":"none"})", R"({"format":1,"status":"odd"})"}) {
        const auto read = decode_manual_payment(row);
        ASSERT_FALSE(read) << row;
        EXPECT_EQ(read.error().code, errors::corrupt_row);
    }
}

TEST(ManualPayment, HasABoundedNumberOfRefunds) {
    ManualPayment payment = captured(1'000'000);
    for (std::size_t i = 0; i < manual_refunds_max; ++i) {
        ASSERT_TRUE(refund(payment, cat("key ", i), euros(1)));
    }
    const auto one_more = refund(payment, "one more", euros(1));
    ASSERT_FALSE(one_more);
    EXPECT_EQ(one_more.error().code, errors::payment_state);
    EXPECT_EQ(payment.refunded(), static_cast<std::int64_t>(manual_refunds_max));
}

TEST(ManualPayment, RefusesANegativeAmount) {
    ManualPayment payment;
    const PaymentRequest request{StoreId::trusted("store_1"), OrderId::trusted("order_1"),
                                 euros(-1), "manual"};
    EXPECT_FALSE(authorise(payment, "key", request, "pay_1"));
    EXPECT_EQ(payment.standing().status, "none");
}

}  // namespace
}  // namespace souk
