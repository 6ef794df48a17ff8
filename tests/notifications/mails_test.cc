#include <algorithm>
#include <functional>

#include "domain/notifications/limits.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

class SendMail : public Shop {
protected:
    [[nodiscard]] Event sign_up(std::string_view code, bool known = false) {
        return event(type::user_signed_up,
                     cat(R"({"email":"ann@mail.example","name":"Ann","known":)",
                         known ? "true" : "false", R"(,"code_sealed":")", sealed(code), R"("})"));
    }
    [[nodiscard]] Event confirmed(const StoreId& store = first_store) const {
        return event(
            type::order_confirmed,
            R"({"order":{"number":1001,"email":"ann@mail.example","lines":[],"totals":{}}})",
            store);
    }
    [[nodiscard]] Result<void> send(const Event& event) {
        return service.mails().send(event, mails_queue);
    }
};

TEST_F(SendMail, SendsOnceHoweverOftenTheEventComes) {
    const Event happened = confirmed();
    ASSERT_TRUE(send(happened));
    ASSERT_TRUE(send(happened));
    EXPECT_EQ(mailer.calls(), 1);
    ASSERT_EQ(mails().size(), 1U);
    EXPECT_EQ(mails()[0].status, MailStatus::sent);
    EXPECT_EQ(mails()[0].event_id, happened.id);
    EXPECT_EQ(mails()[0].sent_at, world.clock.now());
}

TEST_F(SendMail, OfMoneyThatWentBackOnlyWhereSomeDid) {
    for (const int amount : {0, 5}) {
        ASSERT_TRUE(send(
            event(type::order_refunded,
                  cat(R"({"order":{"number":1,"email":"ann@mail.example","lines":[],"totals":{}},)",
                      R"("refund":{"amount":{"amount":)", amount, R"(,"currency":"GBP"}}})"))));
        EXPECT_EQ(mailer.calls(), amount == 0 ? 0 : 1);
    }
}

TEST_F(SendMail, WritesInTheStoresName) {
    ASSERT_TRUE(send(confirmed()));
    const Mail mail = mailer.mails().at(0);
    EXPECT_EQ(mail.from_name, "Tea & Co <London>");
    EXPECT_EQ(mail.to, "ann@mail.example");
    EXPECT_EQ(mail.subject, "Your order 1001 at Tea & Co <London>");
    EXPECT_NE(mail.html.find("Tea &amp; Co &lt;London&gt;"), std::string::npos);
    EXPECT_EQ(mail.html.find("<London>"), std::string::npos);
}

TEST_F(SendMail, MailsACodeAndNeverKeepsIt) {
    ASSERT_TRUE(send(sign_up("831742")));
    const Mail mail = mailer.mails().at(0);
    EXPECT_NE(mail.text.find("831742"), std::string::npos);
    EXPECT_NE(mail.html.find("831742"), std::string::npos);
    EXPECT_EQ(mail.subject.find("831742"), std::string::npos);
    EXPECT_FALSE(is_kept_anywhere("831742"));
    EXPECT_EQ(mails().at(0).kind, MailKind::sign_up_code);
}

// Whoever signs up with a stranger's address would have the shop mail what he calls himself.
TEST_F(SendMail, SaysNothingToAnUnprovenAddressThatAStrangerWrote) {
    ASSERT_TRUE(send(sign_up("831742")));
    const Mail mail = mailer.mails().at(0);
    EXPECT_EQ(mail.text.find("Ann"), std::string::npos) << mail.text;
    EXPECT_EQ(mail.html.find("Ann"), std::string::npos) << mail.html;
    ASSERT_TRUE(send(sign_up("831742", true)));
    EXPECT_NE(mailer.mails().at(1).text.find("Ann"), std::string::npos);
}

TEST_F(SendMail, TellsTheOwnerOfAKnownAddressWithoutACode) {
    ASSERT_TRUE(send(sign_up("831742", true)));
    EXPECT_EQ(mails().at(0).kind, MailKind::account_exists);
    EXPECT_EQ(mailer.mails().at(0).text.find("831742"), std::string::npos);
}

TEST_F(SendMail, MailsStaffInTheNameOfThePlatform) {
    ASSERT_TRUE(send(platform_event(
        type::password_reset_requested,
        cat(R"({"email":"boss@mail.example","code_sealed":")", sealed("4711"), R"("})"))));
    const Mail mail = mailer.mails().at(0);
    EXPECT_EQ(mail.from_name, "Souk");
    EXPECT_NE(mail.text.find("4711"), std::string::npos);
    EXPECT_TRUE(mails().empty()) << "it is no store's";
}

TEST_F(SendMail, BuriesAnEventWhoseCodeCannotBeOpened) {
    const auto refused =
        send(event(type::user_signed_up,
                   R"({"email":"ann@mail.example","known":false,"code_sealed":"AAAA"})"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(after_failure(refused.error()), AfterFailure::dead_letter);
    EXPECT_TRUE(ledger.rows().empty());
    EXPECT_EQ(mailer.calls(), 0);
}

TEST_F(SendMail, BuriesAnEventOfAnUnknownStore) {
    const auto refused = send(confirmed(StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAZ")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(after_failure(refused.error()), AfterFailure::dead_letter);
}

TEST_F(SendMail, SendsNothingWithoutAnAddress) {
    ASSERT_TRUE(send(event(type::order_confirmed, R"({"order":{"number":1}})")));
    EXPECT_EQ(mailer.calls(), 0);
    EXPECT_TRUE(ledger.rows().empty());
}

TEST_F(SendMail, ARefusalIsRecordedAnnouncedAndForTheDeadLettersFromWhichItCanBeRedriven) {
    const Event happened = confirmed();
    mailer.fail_next(1, errors::mail_refused);
    const auto refused = send(happened);
    ASSERT_FALSE(refused);
    EXPECT_EQ(after_failure(refused.error()), AfterFailure::dead_letter);
    const MailRecord record = mails().at(0);
    EXPECT_EQ(record.status, MailStatus::failed);
    EXPECT_FALSE(record.error.empty());
    const auto news = announced(type::notification_failed);
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(news[0].subject, record.id.text());
    EXPECT_EQ(JsonDocument::parse(news[0].body)->root()["kind"].text_or(), "mail");
    ASSERT_TRUE(send(happened));  // Redriven: the mailbox is there now.
    EXPECT_EQ(mails().at(0).status, MailStatus::sent);
}

TEST_F(SendMail, TriesAgainWhenTheServerIsUnavailable) {
    const Event happened = confirmed();
    mailer.fail_next(1, errors::mail_unavailable);
    const auto first = send(happened);
    ASSERT_FALSE(first);
    EXPECT_EQ(after_failure(first.error()), AfterFailure::retry);
    EXPECT_EQ(mails().at(0).status, MailStatus::queued);
    ASSERT_TRUE(send(happened));
    EXPECT_EQ(mails().at(0).status, MailStatus::sent);
    EXPECT_TRUE(mails().at(0).error.empty());
    EXPECT_TRUE(announced(type::notification_failed).empty());
}

TEST_F(SendMail, CountsAsFailedWithTheLastTryOfTheBusAndCanBeRedriven) {
    const Event happened = confirmed();
    mailer.fail_next(deliveries_max, errors::mail_unavailable);
    for (int i = 0; i < deliveries_max; ++i) {
        EXPECT_TRUE(announced(type::notification_failed).empty());
        EXPECT_FALSE(send(happened));
    }
    EXPECT_EQ(mails().at(0).status, MailStatus::failed);
    EXPECT_EQ(announced(type::notification_failed).size(), 1U);
    ASSERT_TRUE(send(happened));
    EXPECT_EQ(mails().at(0).status, MailStatus::sent);
}

TEST_F(SendMail, RepeatsAMailWhoseSendingWasInterruptedUnderTheSameMessageId) {
    class ForgetfulMailer final : public Mailer {
    public:
        ForgetfulMailer(Mailer& mailer, MemoryLedger& ledger) : mailer_(mailer), ledger_(ledger) {}
        Result<void> send(const Mail& mail) override {
            ledger_.refuse(1, errors::ledger_unavailable);  // Accepted, but never recorded.
            return mailer_.send(mail);
        }
        [[nodiscard]] std::chrono::milliseconds longest() const override {
            return mailer_.longest();
        }

    private:
        Mailer& mailer_;
        MemoryLedger& ledger_;
    } dying(mailer, ledger);
    const Mails crashing(table, AllStores::granted_by_composition_root(), stores, templates, dying);
    const Event happened = confirmed();
    EXPECT_FALSE(crashing.send(happened, mails_queue));
    EXPECT_EQ(mails().at(0).status, MailStatus::sending);

    const auto early = send(happened);
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, errors::not_yet);
    EXPECT_EQ(mailer.calls(), 1);

    world.clock.advance(mailer.longest() + mail_lease_margin);
    ASSERT_TRUE(send(happened));
    const auto sent = mailer.mails();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].id, sent[1].id);
    EXPECT_EQ(mails().size(), 1U);
}

// Restarts used to find the mail "under way" until its lease ran out, and could use up its tries.
TEST_F(SendMail, TakesNoLeaseOfADeadProcessForOneThatHolds) {
    DyingMailer dying(ledger);
    const auto all = AllStores::granted_by_composition_root();
    const Event happened = confirmed();
    EXPECT_FALSE(Mails(table, all, stores, templates, dying).send(happened, mails_queue));
    ASSERT_EQ(mails().at(0).status, MailStatus::sending);
    world.clock.advance(1ms);
    const Mails restarted(table, all, stores, templates, mailer, world.clock.now());
    EXPECT_FALSE(Mails(table, all, stores, templates, mailer).send(happened, mails_queue))
        << "where others may be at it, the lease holds";
    ASSERT_TRUE(restarted.send(happened, mails_queue));
    EXPECT_EQ(mails().at(0).status, MailStatus::sent);
    EXPECT_EQ(mailer.calls(), 1);
}

// A server that took longer than a lease, or than the bus waited, got the mail again.
TEST_F(SendMail, ALeaseOutlastsTheSlowestServerAndEndsBeforeTheBusDeliversAgain) {
    class Slow final : public Mailer {
    public:
        explicit Slow(std::function<void()> meanwhile) : meanwhile_(std::move(meanwhile)) {}
        Result<void> send(const Mail&) override {
            meanwhile_();
            return {};
        }
        [[nodiscard]] std::chrono::milliseconds longest() const override { return 6min; }

    private:
        std::function<void()> meanwhile_;
    };
    const Event happened = confirmed();
    Slow slow([&] {
        world.clock.advance(6min);
        const auto another = send(happened);
        ASSERT_FALSE(another);
        EXPECT_EQ(another.error().code, errors::not_yet);
    });
    const auto all = AllStores::granted_by_composition_root();
    EXPECT_TRUE(Mails(table, all, stores, templates, slow).send(happened, mails_queue));
    EXPECT_EQ(mailer.calls(), 0);
    const auto queues = subscriptions();
    const auto mails = std::ranges::find(queues, mails_queue, &Subscription::queue);
    EXPECT_LE(slow.longest() + mail_lease_margin, mails->hidden);
    EXPECT_EQ(reactions(service).front().at_once, 1) << "others of a batch would wait hidden";
}

TEST_F(SendMail, ListsInPagesNewestFirstAndOnlyTheStoresOwn) {
    for (int i = 0; i < 3; ++i) {
        world.clock.advance(1s);
        ASSERT_TRUE(send(confirmed()));
    }
    ASSERT_TRUE(send(confirmed(second_store)));
    const auto first = parsed(*call("list_notifications", staff(), {}, "{}", {{"limit", "2"}}));
    ASSERT_EQ(first.root()["items"].size(), 2U);
    EXPECT_GT(first.root()["items"].at(0)["created_at"].text_or(),
              first.root()["items"].at(1)["created_at"].text_or());
    const std::string cursor = first.root()["next_cursor"].text_or();
    const auto second = parsed(
        *call("list_notifications", staff(), {}, "{}", {{"limit", "2"}, {"cursor", cursor}}));
    EXPECT_EQ(second.root()["items"].size(), 1U);
    EXPECT_EQ(call("list_notifications", staff(second_store), {}, "{}", {{"cursor", cursor}})
                  .error()
                  .code,
              errors::invalid_cursor);
}

TEST_F(SendMail, RecordsAreForgottenAfterNinetyDays) {
    ASSERT_TRUE(send(confirmed()));
    world.clock.advance(mails_kept - 1ms);
    EXPECT_EQ(mails().size(), 1U);
    world.clock.advance(1ms);
    EXPECT_TRUE(mails().empty());
}

}  // namespace
}  // namespace souk::notifications
