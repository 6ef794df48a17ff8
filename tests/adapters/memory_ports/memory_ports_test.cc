#include "adapters/memory_ports/memory_mailer.h"
#include "adapters/memory_ports/memory_media.h"
#include "adapters/memory_ports/memory_payments.h"
#include "contracts/mailer_contract.h"
#include "contracts/media_contract.h"
#include "contracts/payments_contract.h"

namespace souk::contract {

struct MemoryMailerHome {
    MemoryMailer mails;
    std::size_t seen = 0;

    Mailer& mailer() { return mails; }
    std::vector<ReceivedMail> received() {
        std::vector<ReceivedMail> fresh;
        const auto all = mails.mails();
        for (; seen < all.size(); ++seen) {
            const Mail& mail = all[seen];
            fresh.push_back({mail.id,
                             mail.from_name,
                             mail.to,
                             mail.reply_to,
                             mail.subject,
                             mail.text,
                             mail.html,
                             {}});
        }
        return fresh;
    }
};

struct MemoryMediaHome {
    SettableClock time;
    MemoryMedia objects{time};

    SettableClock& clock() { return time; }
    Media& media() { return objects; }
    int upload(const UploadAddress& address, std::string_view content_type,
               std::string_view bytes) {
        return objects.upload(address, content_type, bytes);
    }
};

struct MemoryPaymentsHome {
    MemoryPayments provider;
    Payments& payments() { return provider; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MailerContract, MemoryMailerHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MediaContract, MemoryMediaHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, PaymentsContract, MemoryPaymentsHome);

TEST(MemoryMailer, FailsAsOftenAsItWasTold) {
    MemoryMailer mailer;
    mailer.fail_next(1, errors::mail_unavailable);
    const auto first = mailer.send(ordinary_mail());
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, errors::mail_unavailable);
    EXPECT_TRUE(mailer.mails().empty());
    EXPECT_TRUE(mailer.send(ordinary_mail()));
    EXPECT_EQ(mailer.calls(), 2);
    EXPECT_TRUE(mailer.last_to("ada@example.com").has_value());
    EXPECT_FALSE(mailer.last_to("eve@example.com").has_value());
}

TEST(MemoryMedia, FailsWhileItIsUnavailable) {
    SettableClock clock;
    MemoryMedia media(clock);
    media.become(MemoryMedia::Health::unavailable);
    TextBody body("text");
    const auto stored = media.store(private_key, body);
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, errors::media_unavailable);
    EXPECT_TRUE(media.keys().empty());
}

class MemoryPaymentsTest : public testing::Test {
protected:
    StoreId store = StoreId::trusted("store_01JB0000000000000000000001");
    OrderId order = OrderId::trusted("order_01JB0000000000000000000001");
    PaymentRequest request{store, order, {*Currency::parse("EUR"), 100}, "manual"};
    MemoryPayments payments;

    std::string status() { return payments.standing(store, order)->status; }
};

TEST_F(MemoryPaymentsTest, DoesNothingWhileItWasToldToFail) {
    payments.fail_next(1);
    const auto outcome = payments.authorise("key", request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errors::payments_unavailable);
    EXPECT_EQ(status(), "none");
    EXPECT_EQ(payments.calls("authorise"), 1);
}

TEST_F(MemoryPaymentsTest, TakesEffectThoughItsAnswerIsLost) {
    payments.lose_answers(1);
    EXPECT_FALSE(payments.authorise("key", request));
    EXPECT_EQ(status(), "authorised");
    EXPECT_EQ(payments.authorised_amount(), 100);
    EXPECT_TRUE(payments.authorise("key", request));
    EXPECT_EQ(payments.authorised_amount(), 100);
}

TEST_F(MemoryPaymentsTest, DecidesAPendingPaymentLater) {
    request.method = "manual_timeout";
    ASSERT_TRUE(payments.authorise("key", request));
    payments.decide(order, MemoryPayments::Decision::authorised);
    EXPECT_EQ(status(), "authorised");
}

}  // namespace souk::contract
