#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "domain/base/text.h"
#include "domain/ports/payments.h"

/// What every Payments promises. An adapter's tests give a `Home`, fresh and empty for every test:
///
///     struct Home {
///         Payments& payments();  // With methods named "manual", "manual_decline" and
///         "manual_timeout".
///     };
namespace souk::contract {

template <class Home>
class PaymentsContract : public testing::Test {
protected:
    Payments& payments() { return home_.payments(); }
    static Money euros(std::int64_t cents) { return {*Currency::parse("EUR"), cents}; }
    static Money yen(std::int64_t amount) { return {*Currency::parse("JPY"), amount}; }

    PaymentRequest request(std::string_view method = "manual", std::int64_t cents = 5000) {
        return {store_, order_, euros(cents), std::string(method)};
    }
    /// "authorised", "pending", "declined: <reason>", or "error: <code>".
    std::string authorise(const PaymentRequest& asked, std::string_view key = "key") {
        const auto outcome = payments().authorise(key, asked);
        if (!outcome) {
            return cat("error: ", outcome.error().code.name);
        }
        switch (outcome->status) {
            case Authorisation::Status::authorised: return "authorised";
            case Authorisation::Status::pending: return "pending";
            case Authorisation::Status::declined: break;
        }
        return cat("declined: ", outcome->reason);
    }
    static std::string done(const Result<void>& outcome) {
        return outcome ? "done" : cat("error: ", outcome.error().code.name);
    }
    std::string capture(std::string_view key = "capture") {
        return done(payments().capture(key, store_, order_));
    }
    std::string cancel(std::string_view key = "cancel") {
        return done(payments().cancel(key, store_, order_));
    }
    std::string refund(const Money& amount, std::string_view key) {
        return done(payments().refund(key, store_, order_, amount));
    }
    /// "<status> <amount> <refunded>".
    std::string standing() {
        const auto now = payments().standing(store_, order_);
        return now ? cat(now->status, " ", now->amount, " ", now->refunded)
                   : cat("error: ", now.error().code.name);
    }
    void given_captured() {
        ASSERT_EQ(authorise(request()), "authorised");
        ASSERT_EQ(capture(), "done");
    }

    Home home_;
    StoreId store_ = StoreId::trusted("store_01JB0000000000000000000001");
    OrderId order_ = OrderId::trusted("order_01JB0000000000000000000001");
};

TYPED_TEST_SUITE_P(PaymentsContract);

TYPED_TEST_P(PaymentsContract, HoldsNothingForAnUnknownOrder) {
    EXPECT_EQ(this->standing(), "none 0 0");
}

TYPED_TEST_P(PaymentsContract, AuthorisesAtOnce) {
    const auto outcome = this->payments().authorise("key", this->request());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Authorisation::Status::authorised);
    EXPECT_NE(outcome->reference, "");
    EXPECT_EQ(this->standing(), "authorised 5000 0");
}

TYPED_TEST_P(PaymentsContract, DeclinesACard) {
    EXPECT_EQ(this->authorise(this->request("manual_decline")), "declined: card_declined");
    EXPECT_EQ(this->standing(), "declined 5000 0");
}

TYPED_TEST_P(PaymentsContract, LeavesAPaymentPending) {
    EXPECT_EQ(this->authorise(this->request("manual_timeout")), "pending");
    EXPECT_EQ(this->standing(), "pending 5000 0");
}

TYPED_TEST_P(PaymentsContract, DeclinesAMethodThatItDoesNotKnow) {
    EXPECT_EQ(this->authorise(this->request("gold")), "declined: unknown_method");
}

TYPED_TEST_P(PaymentsContract, GivesTheFirstOutcomeToARepeat) {
    const auto first = this->payments().authorise("key", this->request());
    const auto second = this->payments().authorise("key", this->request());
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->reference, second->reference);
    EXPECT_EQ(second->status, Authorisation::Status::authorised);
}

TYPED_TEST_P(PaymentsContract, RefusesAKeyThatWasUsedForAnotherAmount) {
    ASSERT_EQ(this->authorise(this->request("manual", 5000)), "authorised");
    EXPECT_EQ(this->authorise(this->request("manual", 6000)), "error: payment_state");
    EXPECT_EQ(this->standing(), "authorised 5000 0");
}

TYPED_TEST_P(PaymentsContract, RefusesASecondPaymentOfAnOrder) {
    ASSERT_EQ(this->authorise(this->request(), "one"), "authorised");
    EXPECT_EQ(this->authorise(this->request(), "two"), "error: payment_state");
}

TYPED_TEST_P(PaymentsContract, AllowsAnotherTryAfterADecline) {
    ASSERT_EQ(this->authorise(this->request("manual_decline"), "one"), "declined: card_declined");
    EXPECT_EQ(this->authorise(this->request(), "two"), "authorised");
}

TYPED_TEST_P(PaymentsContract, KeepsOrdersAndStoresApart) {
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    this->store_ = StoreId::trusted("store_01JB0000000000000000000002");
    EXPECT_EQ(this->standing(), "none 0 0");
    EXPECT_EQ(this->capture(), "error: unknown_payment");
}

TYPED_TEST_P(PaymentsContract, CapturesAllThatWasAuthorised) {
    this->given_captured();
    EXPECT_EQ(this->standing(), "captured 5000 0");
}

TYPED_TEST_P(PaymentsContract, CapturesOnceUnderOneKey) {
    this->given_captured();
    EXPECT_EQ(this->capture(), "done");
    EXPECT_EQ(this->standing(), "captured 5000 0");
}

TYPED_TEST_P(PaymentsContract, RefusesASecondCapture) {
    this->given_captured();
    EXPECT_EQ(this->capture("another key"), "error: payment_state");
}

TYPED_TEST_P(PaymentsContract, CapturesOnlyWhatIsAuthorised) {
    EXPECT_EQ(this->capture(), "error: unknown_payment");
    ASSERT_EQ(this->authorise(this->request("manual_timeout")), "pending");
    EXPECT_EQ(this->capture(), "error: payment_state");
    EXPECT_EQ(this->standing(), "pending 5000 0");
}

TYPED_TEST_P(PaymentsContract, VoidsAnAuthorisation) {
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    EXPECT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->standing(), "voided 5000 0");
    EXPECT_EQ(this->capture(), "error: payment_state");
    EXPECT_EQ(this->standing(), "voided 5000 0");
}

TYPED_TEST_P(PaymentsContract, VoidsAPendingPayment) {
    ASSERT_EQ(this->authorise(this->request("manual_timeout")), "pending");
    EXPECT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->standing(), "voided 5000 0");
}

TYPED_TEST_P(PaymentsContract, CancelsAgainWithoutAnEffect) {
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    ASSERT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->cancel("another key"), "done");
    EXPECT_EQ(this->standing(), "voided 5000 0");
}

TYPED_TEST_P(PaymentsContract, NeverAuthorisesWhatWasCancelledBefore) {
    ASSERT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->authorise(this->request()), "declined: order_cancelled");
    EXPECT_EQ(this->standing(), "voided 0 0");
    EXPECT_EQ(this->capture(), "error: payment_state");
}

TYPED_TEST_P(PaymentsContract, DoesNotCallAVoidedPaymentAuthorisedToARepeat) {
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    ASSERT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->authorise(this->request()), "declined: order_cancelled");
    EXPECT_EQ(this->standing(), "voided 5000 0");
}

TYPED_TEST_P(PaymentsContract, NeverAuthorisesAfterADeclineThatWasCancelled) {
    ASSERT_EQ(this->authorise(this->request("manual_decline"), "one"), "declined: card_declined");
    ASSERT_EQ(this->cancel(), "done");
    EXPECT_EQ(this->authorise(this->request(), "two"), "declined: order_cancelled");
    EXPECT_EQ(this->standing(), "declined 5000 0");
}

TYPED_TEST_P(PaymentsContract, CancelsNothingThatIsCaptured) {
    this->given_captured();
    EXPECT_EQ(this->cancel(), "error: payment_state");
    EXPECT_EQ(this->standing(), "captured 5000 0");
}

TYPED_TEST_P(PaymentsContract, RefundsInParts) {
    this->given_captured();
    EXPECT_EQ(this->refund(this->euros(2000), "one"), "done");
    EXPECT_EQ(this->standing(), "partially_refunded 5000 2000");
    EXPECT_EQ(this->refund(this->euros(3000), "two"), "done");
    EXPECT_EQ(this->standing(), "refunded 5000 5000");
}

TYPED_TEST_P(PaymentsContract, RefundsOnceUnderOneKey) {
    this->given_captured();
    ASSERT_EQ(this->refund(this->euros(2000), "one"), "done");
    EXPECT_EQ(this->refund(this->euros(2000), "one"), "done");
    EXPECT_EQ(this->standing(), "partially_refunded 5000 2000");
}

TYPED_TEST_P(PaymentsContract, RefusesARefundKeyThatWasUsedForAnotherAmount) {
    this->given_captured();
    ASSERT_EQ(this->refund(this->euros(2000), "one"), "done");
    EXPECT_EQ(this->refund(this->euros(1000), "one"), "error: payment_state");
    EXPECT_EQ(this->standing(), "partially_refunded 5000 2000");
}

TYPED_TEST_P(PaymentsContract, NeverRefundsMoreThanWasCaptured) {
    this->given_captured();
    EXPECT_EQ(this->refund(this->euros(5001), "one"), "error: payment_state");
    ASSERT_EQ(this->refund(this->euros(4999), "two"), "done");
    EXPECT_EQ(this->refund(this->euros(2), "three"), "error: payment_state");
    EXPECT_EQ(this->refund(this->euros(std::numeric_limits<std::int64_t>::max()), "four"),
              "error: payment_state");
    EXPECT_EQ(this->standing(), "partially_refunded 5000 4999");
}

TYPED_TEST_P(PaymentsContract, RefundsPositiveAmountsOfThePaymentsCurrencyOnly) {
    this->given_captured();
    EXPECT_EQ(this->refund(this->euros(0), "one"), "error: payment_state");
    EXPECT_EQ(this->refund(this->euros(-1), "two"), "error: payment_state");
    EXPECT_EQ(this->refund(this->yen(100), "three"), "error: payment_state");
    EXPECT_EQ(this->standing(), "captured 5000 0");
}

TYPED_TEST_P(PaymentsContract, RefundsOnlyWhatIsCaptured) {
    EXPECT_EQ(this->refund(this->euros(1), "one"), "error: unknown_payment");
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    EXPECT_EQ(this->refund(this->euros(1), "two"), "error: payment_state");
    EXPECT_EQ(this->standing(), "authorised 5000 0");
}

TYPED_TEST_P(PaymentsContract, NeverBothCapturesAndVoids) {
    ASSERT_EQ(this->authorise(this->request()), "authorised");
    std::string captured;
    std::string cancelled;
    {
        std::jthread one([&] { captured = this->capture(); });
        std::jthread other([&] { cancelled = this->cancel(); });
    }
    EXPECT_NE(captured == "done", cancelled == "done");
    EXPECT_EQ(this->standing(), captured == "done" ? "captured 5000 0" : "voided 5000 0");
}

TYPED_TEST_P(PaymentsContract, NeverRefundsTooMuchFromManyHandsAtOnce) {
    this->given_captured();
    {
        std::vector<std::jthread> hands;
        for (int i = 0; i < 8; ++i) {
            hands.emplace_back(
                [this, i] { static_cast<void>(this->refund(this->euros(1000), cat("key ", i))); });
        }
    }
    EXPECT_EQ(this->standing(), "refunded 5000 5000");
}

REGISTER_TYPED_TEST_SUITE_P(
    PaymentsContract, HoldsNothingForAnUnknownOrder, AuthorisesAtOnce, DeclinesACard,
    LeavesAPaymentPending, DeclinesAMethodThatItDoesNotKnow, GivesTheFirstOutcomeToARepeat,
    RefusesAKeyThatWasUsedForAnotherAmount, RefusesASecondPaymentOfAnOrder,
    AllowsAnotherTryAfterADecline, KeepsOrdersAndStoresApart, CapturesAllThatWasAuthorised,
    CapturesOnceUnderOneKey, RefusesASecondCapture, CapturesOnlyWhatIsAuthorised,
    VoidsAnAuthorisation, VoidsAPendingPayment, CancelsAgainWithoutAnEffect,
    NeverAuthorisesWhatWasCancelledBefore, DoesNotCallAVoidedPaymentAuthorisedToARepeat,
    NeverAuthorisesAfterADeclineThatWasCancelled, CancelsNothingThatIsCaptured, RefundsInParts,
    RefundsOnceUnderOneKey, RefusesARefundKeyThatWasUsedForAnotherAmount,
    NeverRefundsMoreThanWasCaptured, RefundsPositiveAmountsOfThePaymentsCurrencyOnly,
    RefundsOnlyWhatIsCaptured, NeverBothCapturesAndVoids, NeverRefundsTooMuchFromManyHandsAtOnce);

}  // namespace souk::contract
