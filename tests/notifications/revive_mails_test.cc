#include "domain/notifications/revive_mails.h"

#include <functional>
#include <thread>

#include "domain/notifications/limits.h"
#include "domain/ports/retry_delay.h"
#include "notifications/shop.h"

namespace souk::notifications {
namespace {

using namespace std::chrono_literals;

/// Something happens at each look at its dead letters.
class WatchedBus final : public MessageBus {
public:
    WatchedBus(MessageBus& bus, std::function<void()> at_a_look)
        : bus_(bus), at_a_look_(std::move(at_a_look)) {}
    Result<std::vector<Message>> receive(std::string_view queue, int count,
                                         std::chrono::milliseconds wait,
                                         std::stop_token stop) override {
        return bus_.receive(queue, count, wait, std::move(stop));
    }
    Result<void> acknowledge(std::string_view queue,
                             const std::vector<std::string>& receipts) override {
        return bus_.acknowledge(queue, receipts);
    }
    Result<void> retry(std::string_view queue, const std::string& receipt,
                       std::string_view reason) override {
        return bus_.retry(queue, receipt, reason);
    }
    Result<void> bury(std::string_view queue, const std::string& receipt,
                      std::string_view reason) override {
        return bus_.bury(queue, receipt, reason);
    }
    Result<DeadLetterPage> dead_letters(std::string_view queue, int limit,
                                        std::string_view cursor) override {
        at_a_look_();
        return bus_.dead_letters(queue, limit, cursor);
    }
    Result<int> redrive(std::string_view queue, const std::vector<std::string>& ids) override {
        at_a_look_();
        return bus_.redrive(queue, ids);
    }
    [[nodiscard]] std::vector<std::string> queues() const override { return bus_.queues(); }

private:
    MessageBus& bus_;
    const std::function<void()> at_a_look_;
};

/// Of a mail server that was away for longer than the tries of the bus.
class RevivedMails : public Shop {
protected:
    void place(const StoreId& store = first_store) {
        Changes changes;
        changes.announce(
            event(type::order_confirmed,
                  R"({"order":{"number":1,"email":"a@b.example","lines":[],"totals":{}}})", store));
        ASSERT_TRUE(table.commit(changes));
    }
    /// What the bus brings within the next minute and a half, acted upon.
    void deliver() {
        for (int second = 0; second < 90; ++second) {
            const auto messages = bus.receive(mails_queue, receive_max, 0ms, {});
            ASSERT_TRUE(messages);
            for (const auto& message : *messages) {
                ++deliveries_;
                const auto sent = service.mails().send(message.event, mails_queue);
                if (sent) {
                    ASSERT_TRUE(bus.acknowledge(mails_queue, {message.receipt}));
                    continue;
                }
                const std::string reason = cat(sent.error().code.name, ": ", sent.error().detail);
                ASSERT_TRUE(after_failure(sent.error()) == AfterFailure::retry
                                ? bus.retry(mails_queue, message.receipt, reason)
                                : bus.bury(mails_queue, message.receipt, reason));
            }
            world.clock.advance(1s);
        }
    }
    /// A mail whose server was away for all of its tries.
    void place_in_vain() {
        place();
        mailer.fail_next(deliveries_max, errors::mail_unavailable);
        deliver();
    }
    /// So many mails whose letters died, of their first delivery or of all.
    void die(std::size_t count, const std::string& reason, int deliveries) {
        for (std::size_t i = 0; i < count; ++i) {
            place();
        }
        for (int delivery = 1; delivery <= deliveries; ++delivery) {
            for (auto messages = bus.receive(mails_queue, receive_max, 0ms, {});
                 messages && !messages->empty();
                 messages = bus.receive(mails_queue, receive_max, 0ms, {})) {
                for (const auto& message : *messages) {
                    ASSERT_TRUE(delivery < deliveries
                                    ? bus.retry(mails_queue, message.receipt, reason)
                                    : bus.bury(mails_queue, message.receipt, reason));
                }
            }
            world.clock.advance(retry_delay_max);
        }
    }
    std::size_t dead() { return bus.dead_letters(mails_queue, 100, "")->letters.size(); }

    int deliveries_ = 0;
};

TEST_F(RevivedMails, AreSentOnceTheServerIsBack) {
    place();
    place();
    place(second_store);
    mailer.fail_next(6 * deliveries_max, errors::mail_unavailable);
    deliver();
    EXPECT_EQ(dead(), 3U);
    EXPECT_EQ(sweep(), 0) << "Not at once: the bus has just tried.";
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 3);
    EXPECT_EQ(dead(), 0U);
    deliver();
    EXPECT_EQ(dead(), 3U) << "It is away still.";
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 3);
    deliver();
    EXPECT_EQ(dead(), 0U);
    EXPECT_EQ(mailer.mails().size(), 3U);
    EXPECT_EQ(mails().at(0).status, MailStatus::sent);
    EXPECT_EQ(announced(type::notification_failed).size(), 3U) << "Each once.";
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 0);
}

TEST_F(RevivedMails, AreNotThoseThatTheServerRefuses) {
    place();
    mailer.fail_next(1, errors::mail_refused);
    deliver();
    place_in_vain();
    ASSERT_EQ(dead(), 2U);
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(dead(), 1U);
}

TEST_F(RevivedMails, AreTheOperatorsADayAfterTheEvent) {
    place();
    mailer.fail_next(1'000'000, errors::mail_unavailable);
    deliver();
    int revivals = 0;
    for (auto passed = 0s; passed < mail_revivals_end + 1h; passed += mail_revival) {
        world.clock.advance(mail_revival);
        revivals += sweep();
        deliver();
    }
    EXPECT_EQ(deliveries_, revivals * deliveries_max) << "The last look finds it too old.";
    EXPECT_GT(revivals, 100);
    EXPECT_EQ(dead(), 1U);
    EXPECT_EQ(mails().at(0).status, MailStatus::failed);
}

// Letters that died with a worker, or on the lease of another delivery, stayed for an operator.
TEST_F(RevivedMails, AreThoseOfWhateverCauseThatUsedUpTheirTries) {
    die(1, "not_yet: Another delivery of this event is sending the mail.", deliveries_max);
    die(1, "No consumer answered in time.", deliveries_max);
    place_in_vain();
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 1);
    deliver();
    EXPECT_EQ(dead(), 0U);
    EXPECT_EQ(mailer.mails().size(), 3U);
}

// Nobody lived to say that the mail had failed, so nothing brought its letter back.
TEST_F(RevivedMails, AreThoseWhoseSenderDiedEachTime) {
    place();
    const auto first = bus.receive(mails_queue, 1, 0ms, {});
    ASSERT_EQ(first->size(), 1U);
    DyingMailer dying(ledger);
    const Mails crashing(table, AllStores::granted_by_composition_root(), stores, templates, dying);
    EXPECT_FALSE(crashing.send(first->front().event, mails_queue));
    for (int delivery = 1; delivery <= deliveries_max; ++delivery) {
        world.clock.advance(mails_hidden);
        ASSERT_TRUE(bus.receive(mails_queue, 1, 0ms, {}));
    }
    ASSERT_EQ(dead(), 1U) << "nobody ever answered";
    ASSERT_EQ(mails().at(0).status, MailStatus::sending);
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 1);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
    EXPECT_EQ(dead(), 0U);
}

TEST_F(RevivedMails, AreAllSentHoweverManyDied) {
    die(revived_max, "mail_unavailable: away", deliveries_max);
    place_in_vain();
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 0);
    EXPECT_EQ(dead(), 1U) << "One sweep looks at so many.";
    EXPECT_EQ(sweep(), 1);
    EXPECT_EQ(dead(), 0U);
}

TEST_F(RevivedMails, AreNotLookedForBehindTooManyOthers) {
    die(revived_max, "mail_refused: no", 1);
    place_in_vain();
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 1) << "It is looked for again, later.";
    EXPECT_EQ(dead(), 100U);
    EXPECT_EQ(mailer.mails().size(), 0U);
}

// Of two who looked at dead letters at once, one saw none, and nobody looked for the mail again.
TEST_F(RevivedMails, AreLookedForAgainWhereTheirLetterWasInOtherHands) {
    place_in_vain();
    ASSERT_EQ(bus.redrive(mails_queue, {}).value_or(0), 1);
    for (int delivery = 1; delivery <= deliveries_max; ++delivery) {
        ASSERT_EQ(bus.receive(mails_queue, 1, 0ms, {})->size(), 1U);
        if (delivery == 3) {
            EXPECT_EQ(sweep(), 1);
            EXPECT_EQ(dead(), 0U) << "there was none to be seen";
        }
        world.clock.advance(mails_hidden);
    }
    ASSERT_TRUE(bus.receive(mails_queue, 1, 0ms, {}));
    ASSERT_EQ(dead(), 1U);
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 1);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 0) << "it is sent";
}

// A delivery that failed before its attempt was one of the bus's tries, but none of the mail's.
TEST_F(RevivedMails, AreThoseThatFailedOnceAndThenCameToNoAttempt) {
    place();
    mailer.fail_next(1, errors::mail_unavailable);
    for (int delivery = 1; delivery <= deliveries_max; ++delivery) {
        const auto messages = bus.receive(mails_queue, 1, 0ms, {});
        ASSERT_EQ(messages->size(), 1U);
        const Message& message = messages->front();
        if (delivery == 1) {
            ASSERT_FALSE(service.mails().send(message.event, mails_queue));
            ASSERT_TRUE(bus.retry(mails_queue, message.receipt, "mail_unavailable: away"));
        } else if (delivery < deliveries_max) {
            ASSERT_TRUE(bus.retry(mails_queue, message.receipt, "ledger_busy: throttled"));
        } else {
            ASSERT_TRUE(bus.bury(mails_queue, message.receipt, "ledger_busy: throttled"));
        }
        world.clock.advance(retry_delay_max);
    }
    ASSERT_EQ(dead(), 1U);
    EXPECT_EQ(mails().at(0).status, MailStatus::queued);
    world.clock.advance(mails_hidden + mail_revival);
    EXPECT_EQ(sweep(), 1);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
    EXPECT_EQ(dead(), 0U);
}

// A sweep that had waited for an endpoint first looked at no letter, yet put its mails off.
TEST_F(RevivedMails, AreLookedForByASweepThatCameToThemLate) {
    endpoint("https://slow.example/");
    client.fail_next(errors::target_unreachable);
    ASSERT_TRUE(service.webhooks().fan_out(event(type::order_confirmed), webhooks_queue));
    place_in_vain();
    world.clock.advance(mail_revival);
    client.answer_with([this](const OutgoingRequest&) {
        world.clock.advance(revival_share_max + 1s);
        return IncomingAnswer{200, ""};
    });
    EXPECT_EQ(sweep(), 2);
    EXPECT_EQ(dead(), 0U);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
}

/// Of a bus like SQS, where each look at dead letters takes its time and hides them from others.
class SlowlyRevivedMails : public RevivedMails {
protected:
    std::function<void()> at_a_look = [this] { world.clock.advance(3s); };
    WatchedBus slow_bus{bus, [this] { at_a_look(); }};
    Notifications slow{
        table,   AllStores::granted_by_composition_root(), stores, templates, mailer, client,
        slow_bus};
};

// Sweeps of one process hid the letters from each other, and each found a part of them or none.
TEST_F(SlowlyRevivedMails, AreLookedForByOneSweepAtATime) {
    place_in_vain();
    world.clock.advance(mail_revival);
    int looks = 0;
    int settled_meanwhile = 0;
    at_a_look = [&] {
        if (++looks == 1) {
            std::jthread([&] {
                settled_meanwhile = slow.sweep(world.clock.now()).value_or(-1);
            }).join();
            EXPECT_EQ(looks, 1);
        }
    };
    EXPECT_EQ(slow.sweep(world.clock.now()), 1);
    EXPECT_EQ(settled_meanwhile, 0);
    EXPECT_EQ(dead(), 0U);
}

// Letters that the server had refused used up the time, and those behind them never came back.
TEST_F(SlowlyRevivedMails, AreFoundBehindLettersThatStayForAnOperator) {
    die(300, "mail_refused: no", 1);
    place_in_vain();
    world.clock.advance(mail_revival);
    EXPECT_EQ(slow.sweep(world.clock.now()), 1);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
}

// A thousand dead mails were brought back for a minute, while no store's deliveries were tried.
TEST_F(SlowlyRevivedMails, LeaveTimeToDeliveries) {
    die(revived_max, "mail_unavailable: away", deliveries_max);
    place_in_vain();
    world.clock.advance(mail_revival);
    int sweeps = 0;
    for (int settled = 0; settled == 0 && sweeps < 100; ++sweeps) {
        const auto begun = world.clock.now();
        settled = slow.sweep(begun).value_or(-1);
        EXPECT_LE(world.clock.now() - begun, 2 * revival_share_max);
    }
    EXPECT_EQ(sweeps, 11) << "Each goes on where the one before it ended.";
    EXPECT_EQ(dead(), 0U);
}

TEST_F(RevivedMails, DoNotWaitForAnOperatorWhoWasFaster) {
    place_in_vain();
    ASSERT_EQ(bus.redrive(mails_queue, {}).value_or(0), 1);
    deliver();
    EXPECT_EQ(mailer.mails().size(), 1U);
    world.clock.advance(mail_revival);
    EXPECT_EQ(sweep(), 0);
}

}  // namespace
}  // namespace souk::notifications
