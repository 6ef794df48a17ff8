#pragma once

#include <algorithm>
#include <set>
#include <thread>

#include "contracts/ledger_fixture.h"
#include "domain/ports/message_bus.h"

/// What every MessageBus promises. Instantiate with
/// `INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MessageBusContract, Home)`.
namespace souk::contract {

using namespace std::chrono_literals;
using Ids = std::multiset<std::string>;

/// Longer than any test takes: whoever waits this long was not woken.
inline constexpr std::chrono::milliseconds patience = 30s;

template <class Home>
class MessageBusContract : public LedgerSuite<Home> {
protected:
    MessageBus& bus() { return this->home_.bus(); }

    void announce(std::string_view type, const std::vector<std::string>& ids) {
        Transaction transaction;
        for (const auto& id : ids) {
            transaction.events.push_back(event_of(type, id));
        }
        ASSERT_TRUE(this->ledger().commit(transaction));
    }
    std::vector<Message> receive(std::string_view queue = "alpha", int count = receive_max) {
        auto messages = bus().receive(queue, count, 0ms, {});
        EXPECT_TRUE(messages.has_value());
        return messages ? *messages : std::vector<Message>{};
    }
    /// The one message there is. Fails the test, and gives an empty one, if there is another
    /// number.
    Message receive_one(std::string_view queue = "alpha") {
        auto messages = receive(queue);
        EXPECT_EQ(messages.size(), 1U);
        return messages.size() == 1 ? messages[0] : Message{};
    }
    /// Lets the only message of the queue fail until it is dead.
    void fail_to_death(std::string_view queue = "alpha") {
        for (int i = 0; i < deliveries_max; ++i) {
            ASSERT_TRUE(bus().retry(queue, receive_one(queue).receipt, cat("failure ", i + 1)));
            this->clock().advance(300s);
        }
    }
    std::vector<DeadLetter> dead(std::string_view queue = "alpha") {
        auto page = bus().dead_letters(queue, 100, "");
        EXPECT_TRUE(page.has_value());
        return page ? page->letters : std::vector<DeadLetter>{};
    }
    static Ids ids_of(const std::vector<Message>& messages) {
        Ids ids;
        for (const auto& message : messages) {
            ids.insert(message.event.id);
        }
        return ids;
    }
};
TYPED_TEST_SUITE_P(MessageBusContract);

TYPED_TEST_P(MessageBusContract, DeliversTheWholeEvent) {
    this->announce(happened, {"evt_1"});
    const Message message = this->receive_one();
    const Event sent = event_of(happened, "evt_1");
    EXPECT_EQ(message.delivery, 1);
    EXPECT_EQ(message.event.id, sent.id);
    EXPECT_EQ(message.event.source, sent.source);
    EXPECT_EQ(message.event.type, sent.type);
    EXPECT_EQ(message.event.subject, sent.subject);
    EXPECT_EQ(message.event.time, sent.time);
    EXPECT_EQ(message.event.body, sent.body);
    EXPECT_EQ(message.event.traceparent, sent.traceparent);
}

TYPED_TEST_P(MessageBusContract, FansOutByTypeToEverySubscribedQueue) {
    this->announce(happened, {"evt_1"});
    this->announce(shared, {"evt_2"});
    this->announce(unheard, {"evt_3"});
    EXPECT_EQ(this->ids_of(this->receive("alpha")), (Ids{"evt_1", "evt_2"}));
    EXPECT_EQ(this->ids_of(this->receive("beta")), (Ids{"evt_2"}));
}

TYPED_TEST_P(MessageBusContract, DeliversNothingOfACommitThatFailed) {
    Transaction transaction = one(Check{key_at("missing"), Expect::present()});
    transaction.events = {event_of(happened, "evt_1")};
    EXPECT_EQ(conflict_of(this->ledger().commit(transaction)), "/writes/0");
    EXPECT_TRUE(this->receive().empty());
}

TYPED_TEST_P(MessageBusContract, DeliversOnceWhatWasCommittedTwiceUnderOneToken) {
    Transaction transaction;
    transaction.token = "once";
    transaction.events = {event_of(happened, "evt_1")};
    ASSERT_TRUE(this->ledger().commit(transaction));
    ASSERT_TRUE(this->ledger().commit(transaction));
    EXPECT_EQ(this->ids_of(this->receive()), (Ids{"evt_1"}));
}

TYPED_TEST_P(MessageBusContract, GivesAtMostTheCountAskedFor) {
    this->announce(happened, {"1", "2", "3", "4", "5"});
    EXPECT_EQ(this->receive("alpha", 2).size(), 2U);
    EXPECT_EQ(this->receive("alpha", 10).size(), 3U);
}

TYPED_TEST_P(MessageBusContract, DeliversEveryMessageOfManyToOneReceiverOnly) {
    Ids sent;
    for (int batch = 0; batch < 10; ++batch) {
        std::vector<std::string> ids;
        for (int i = 0; i < 20; ++i) {
            ids.push_back(cat("evt_", batch, "_", i));
            sent.insert(ids.back());
        }
        this->announce(happened, ids);
    }
    std::mutex mutex;
    Ids received;
    {
        std::vector<std::jthread> consumers;
        for (int i = 0; i < 4; ++i) {
            consumers.emplace_back([&] {
                for (auto some = this->receive("alpha", 3); !some.empty();
                     some = this->receive("alpha", 3)) {
                    const std::lock_guard lock(mutex);
                    received.merge(this->ids_of(some));
                }
            });
        }
    }
    EXPECT_EQ(received, sent);
}

TYPED_TEST_P(MessageBusContract, NeverDeliversAgainWhatWasAcknowledged) {
    this->announce(happened, {"1", "2"});
    const auto messages = this->receive();
    ASSERT_EQ(messages.size(), 2U);
    const std::vector<std::string> receipts = {messages[0].receipt, messages[1].receipt};
    EXPECT_TRUE(this->bus().acknowledge("alpha", receipts));
    EXPECT_TRUE(this->bus().acknowledge("alpha", receipts)) << "a repeat is harmless";
    this->clock().advance(24h);
    EXPECT_TRUE(this->receive().empty());
    EXPECT_TRUE(this->dead().empty());
}

TYPED_TEST_P(MessageBusContract, HidesAMessageUntilItsVisibilityEnds) {
    this->announce(happened, {"1"});
    EXPECT_EQ(this->receive_one().delivery, 1);
    this->clock().advance(visibility - 1ms);
    EXPECT_TRUE(this->receive().empty());
    this->clock().advance(1ms);
    EXPECT_EQ(this->receive_one().delivery, 2);
}

TYPED_TEST_P(MessageBusContract, HidesAMessageForAsLongAsItsConsumerMayTake) {
    this->announce(shared, {"1"});
    EXPECT_EQ(this->receive_one("beta").delivery, 1);
    this->clock().advance(2 * visibility - 1ms);
    EXPECT_TRUE(this->receive("beta").empty());
    this->clock().advance(1ms);
    EXPECT_EQ(this->receive_one("beta").delivery, 2);
}

TYPED_TEST_P(MessageBusContract, IgnoresTheReceiptOfAnEarlierDelivery) {
    this->announce(happened, {"1"});
    const Message first = this->receive_one();
    this->clock().advance(visibility);
    const Message second = this->receive_one();
    EXPECT_TRUE(this->bus().retry("alpha", first.receipt, "late"));
    EXPECT_TRUE(this->bus().bury("alpha", first.receipt, "late"));
    EXPECT_TRUE(this->dead().empty());
    EXPECT_TRUE(this->bus().acknowledge("alpha", {second.receipt}));
    this->clock().advance(24h);
    EXPECT_TRUE(this->receive().empty());
}

TYPED_TEST_P(MessageBusContract, TriesAgainAfterABackoffThatGrows) {
    this->announce(happened, {"1"});
    auto whole = 1000ms;
    for (int delivery = 1; delivery < deliveries_max; ++delivery) {
        const Message message = this->receive_one();
        EXPECT_EQ(message.delivery, delivery);
        ASSERT_TRUE(this->bus().retry("alpha", message.receipt, "not now"));
        this->clock().advance(whole / 2 - 1ms);
        EXPECT_TRUE(this->receive().empty()) << "delivery " << delivery << " came too early";
        this->clock().advance(whole / 2 + 1ms);
        whole *= 3;
    }
    EXPECT_EQ(this->receive_one().delivery, deliveries_max);
}

TYPED_TEST_P(MessageBusContract, GivesUpAfterFiveFailures) {
    this->announce(happened, {"1"});
    this->fail_to_death();
    EXPECT_TRUE(this->receive().empty());
    const auto letters = this->dead();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].queue, "alpha");
    EXPECT_EQ(letters[0].event.id, "1");
    EXPECT_EQ(letters[0].event.body, event_of(happened, "1").body);
    EXPECT_EQ(letters[0].reason, "failure 5");
    EXPECT_EQ(letters[0].deliveries, deliveries_max);
    EXPECT_EQ(letters[0].died, this->clock().now() - 300s);
}

TYPED_TEST_P(MessageBusContract, GivesUpOnAMessageThatNobodyEverAnswersFor) {
    this->announce(happened, {"1"});
    for (int i = 0; i < deliveries_max; ++i) {
        EXPECT_EQ(this->receive_one().delivery, i + 1);
        this->clock().advance(visibility);
    }
    EXPECT_TRUE(this->receive().empty());
    ASSERT_EQ(this->dead().size(), 1U);
    EXPECT_EQ(this->dead()[0].deliveries, deliveries_max);
    EXPECT_FALSE(this->dead()[0].reason.empty());
}

TYPED_TEST_P(MessageBusContract, BuriesAtOnce) {
    this->announce(shared, {"1"});
    ASSERT_TRUE(this->bus().bury("alpha", this->receive_one().receipt, "never"));
    this->clock().advance(24h);
    EXPECT_TRUE(this->receive().empty());
    ASSERT_EQ(this->dead().size(), 1U);
    EXPECT_EQ(this->dead()[0].reason, "never");
    EXPECT_EQ(this->dead()[0].deliveries, 1);
    EXPECT_TRUE(this->dead("beta").empty());
    EXPECT_EQ(this->receive_one("beta").event.id, "1");
}

TYPED_TEST_P(MessageBusContract, KeepsADeadLetterThatALateReceiptAcknowledges) {
    this->announce(happened, {"1"});
    const Message message = this->receive_one();
    ASSERT_TRUE(this->bus().bury("alpha", message.receipt, "never"));
    EXPECT_TRUE(this->bus().acknowledge("alpha", {message.receipt}));
    ASSERT_EQ(this->dead().size(), 1U);
    EXPECT_EQ(this->dead()[0].event.id, "1");
}

TYPED_TEST_P(MessageBusContract, RedrivesOneByItsId) {
    this->announce(happened, {"1", "2"});
    for (const auto& message : this->receive()) {
        ASSERT_TRUE(this->bus().bury("alpha", message.receipt, "never"));
    }
    const auto letters = this->dead();
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(this->bus().redrive("alpha", {letters[1].id, "unknown"}).value_or(-1), 1);
    const Message again = this->receive_one();
    EXPECT_EQ(again.event.id, letters[1].event.id);
    EXPECT_EQ(again.delivery, 1) << "with a fresh count";
    ASSERT_EQ(this->dead().size(), 1U);
    EXPECT_EQ(this->dead()[0].id, letters[0].id);
    EXPECT_EQ(this->bus().redrive("alpha", {letters[1].id}).value_or(-1), 0);
    EXPECT_TRUE(this->bus().acknowledge("alpha", {again.receipt}));
    this->clock().advance(24h);
    EXPECT_TRUE(this->receive().empty());
}

TYPED_TEST_P(MessageBusContract, RedrivesAllOfAQueueAndNoOther) {
    this->announce(shared, {"1", "2", "3"});
    for (const auto* const queue : {"alpha", "beta"}) {
        for (const auto& message : this->receive(queue)) {
            ASSERT_TRUE(this->bus().bury(queue, message.receipt, "never"));
        }
    }
    EXPECT_EQ(this->bus().redrive("alpha", {}).value_or(-1), 3);
    EXPECT_EQ(this->ids_of(this->receive("alpha")), (Ids{"1", "2", "3"}));
    EXPECT_TRUE(this->dead("alpha").empty());
    EXPECT_EQ(this->dead("beta").size(), 3U);
    EXPECT_TRUE(this->receive("beta").empty());
}

TYPED_TEST_P(MessageBusContract, ListsDeadLettersByPageNewestLast) {
    for (int i = 0; i < 5; ++i) {
        this->announce(shared, {cat(i)});
        for (const auto* const queue : {"alpha", "beta"}) {
            ASSERT_TRUE(this->bus().bury(queue, this->receive_one(queue).receipt, "never"));
            this->clock().advance(1s);
        }
    }
    for (const auto* const queue : {"", "beta"}) {
        std::string order;
        std::string cursor;
        for (int pages = 0; pages < 20; ++pages) {
            const auto page = this->bus().dead_letters(queue, 2, cursor);
            ASSERT_TRUE(page);
            EXPECT_LE(page->letters.size(), 2U);
            for (const auto& letter : page->letters) {
                order += cat(letter.queue.substr(0, 1), letter.event.id, ' ');
            }
            if (!page->cursor) {
                break;
            }
            cursor = *page->cursor;
        }
        EXPECT_EQ(order, *queue == '\0' ? "a0 b0 a1 b1 a2 b2 a3 b3 a4 b4 " : "b0 b1 b2 b3 b4 ");
    }
    EXPECT_EQ(code_of(this->bus().dead_letters("", 2, "nonsense")), "invalid_cursor");
}

TYPED_TEST_P(MessageBusContract, KnowsItsQueuesAndNoOthers) {
    EXPECT_EQ(this->bus().queues(), (std::vector<std::string>{"alpha", "beta"}));
    EXPECT_EQ(code_of(this->bus().receive("gamma", 1, 0ms, {})), "unknown_queue");
    EXPECT_EQ(code_of(this->bus().acknowledge("gamma", {})), "unknown_queue");
    EXPECT_EQ(code_of(this->bus().retry("gamma", "x", "")), "unknown_queue");
    EXPECT_EQ(code_of(this->bus().bury("gamma", "x", "")), "unknown_queue");
    EXPECT_EQ(code_of(this->bus().redrive("gamma", {})), "unknown_queue");
    EXPECT_EQ(code_of(this->bus().dead_letters("gamma", 1, "")), "unknown_queue");
}

TYPED_TEST_P(MessageBusContract, WakesAWaitingReceiverWithTheCommit) {
    std::vector<Message> messages;
    std::jthread consumer([&] {
        auto received = this->bus().receive("alpha", 1, patience, {});
        messages = received ? *received : std::vector<Message>{};
    });
    this->announce(happened, {"1"});
    consumer.join();
    EXPECT_EQ(this->ids_of(messages), (Ids{"1"}));
}

TYPED_TEST_P(MessageBusContract, WakesAReceiverForEachOfManyMessages) {
    std::mutex mutex;
    Ids received;
    {
        std::vector<std::jthread> consumers;
        for (int i = 0; i < 4; ++i) {
            consumers.emplace_back([&] {
                auto some = this->bus().receive("alpha", 1, patience, {});
                const std::lock_guard lock(mutex);
                received.merge(this->ids_of(some.value_or(std::vector<Message>{})));
            });
        }
        this->announce(happened, {"1", "2", "3", "4"});
    }
    EXPECT_EQ(received, (Ids{"1", "2", "3", "4"}));
}

TYPED_TEST_P(MessageBusContract, StopsWaitingWhenAsked) {
    std::atomic<bool> done = false;
    std::jthread consumer([&](std::stop_token stop) {
        const auto messages = this->bus().receive("alpha", 1, patience, stop);
        done = messages.has_value() && messages->empty();
    });
    consumer.request_stop();
    consumer.join();
    EXPECT_TRUE(done);
    this->announce(happened, {"1"});
    EXPECT_EQ(this->ids_of(this->receive()), (Ids{"1"}));
}

TYPED_TEST_P(MessageBusContract, ReturnsWithNothingWhenTheWaitIsOver) {
    const auto messages = this->bus().receive("alpha", 1, 5ms, {});
    ASSERT_TRUE(messages);
    EXPECT_TRUE(messages->empty());
}

TYPED_TEST_P(MessageBusContract, WakesAWaitingReceiverForARedrive) {
    this->announce(happened, {"1"});
    ASSERT_TRUE(this->bus().bury("alpha", this->receive_one().receipt, "never"));
    std::vector<Message> messages;
    std::jthread consumer([&] {
        auto received = this->bus().receive("alpha", 1, patience, {});
        messages = received ? *received : std::vector<Message>{};
    });
    EXPECT_EQ(this->bus().redrive("alpha", {}).value_or(-1), 1);
    consumer.join();
    EXPECT_EQ(this->ids_of(messages), (Ids{"1"}));
}

REGISTER_TYPED_TEST_SUITE_P(
    MessageBusContract, DeliversTheWholeEvent, FansOutByTypeToEverySubscribedQueue,
    DeliversNothingOfACommitThatFailed, DeliversOnceWhatWasCommittedTwiceUnderOneToken,
    GivesAtMostTheCountAskedFor, DeliversEveryMessageOfManyToOneReceiverOnly,
    NeverDeliversAgainWhatWasAcknowledged, HidesAMessageUntilItsVisibilityEnds,
    HidesAMessageForAsLongAsItsConsumerMayTake, IgnoresTheReceiptOfAnEarlierDelivery,
    TriesAgainAfterABackoffThatGrows, GivesUpAfterFiveFailures,
    GivesUpOnAMessageThatNobodyEverAnswersFor, BuriesAtOnce,
    KeepsADeadLetterThatALateReceiptAcknowledges, RedrivesOneByItsId, RedrivesAllOfAQueueAndNoOther,
    ListsDeadLettersByPageNewestLast, KnowsItsQueuesAndNoOthers, WakesAWaitingReceiverWithTheCommit,
    WakesAReceiverForEachOfManyMessages, StopsWaitingWhenAsked, ReturnsWithNothingWhenTheWaitIsOver,
    WakesAWaitingReceiverForARedrive);

}  // namespace souk::contract
