#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "adapters/bus_sns_sqs/bus_script.h"
#include "adapters/bus_sns_sqs/dead_queue.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"

namespace souk::sqs {
namespace {

using namespace std::chrono_literals;
using contract::code_of;

std::string letter(const std::string& id, std::int64_t died_ms) {
    return received(id, an_event(cat("evt_", id)), 1,
                    {{"reason", cat("why ", id)}, {"deliveries", "3"}, {"died", cat(died_ms)}});
}

TEST(SqsDeadLetters, AreListedNewestLastAndShownToOthersAgain) {
    ScriptedBus scripted;
    scripted.will_count(2);
    scripted.will_hand_out({letter("b", 2'000), letter("a", 1'000)});
    scripted.client.answer("{}");
    scripted.will_do(2);
    const auto page = scripted.bus.dead_letters("alpha", 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->letters.size(), 2U);
    EXPECT_FALSE(page->cursor);
    const DeadLetter& first = page->letters[0];
    EXPECT_EQ(first.id, "a");
    EXPECT_EQ(first.queue, "alpha");
    EXPECT_EQ(first.event.id, "evt_a");
    EXPECT_EQ(first.reason, "why a");
    EXPECT_EQ(first.deliveries, 3);
    EXPECT_EQ(first.died, Instant::from_unix_ms(1'000));
    EXPECT_EQ(page->letters[1].id, "b");
    EXPECT_EQ(scripted.actions(), (Actions{"GetQueueAttributes", "ReceiveMessage", "ReceiveMessage",
                                           "ChangeMessageVisibilityBatch"}));
    EXPECT_NE(scripted.last_body().find(R"("ReceiptHandle":"handle of a","VisibilityTimeout":0)"),
              std::string::npos);
}

TEST(SqsDeadLetters, AreAskedForPatientlyOnlyWhileSomeAreMissing) {
    ScriptedBus scripted;
    scripted.will_count(1);
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.client.answer("{}");
    scripted.will_do(1);
    ASSERT_TRUE(scripted.bus.dead_letters("alpha", 10, ""));
    const auto calls = scripted.client.calls();
    ASSERT_EQ(calls.size(), 4U);
    EXPECT_NE(calls[1].body.find(R"("WaitTimeSeconds":1,"VisibilityTimeout":30)"),
              std::string::npos);
    EXPECT_NE(calls[2].body.find(R"("WaitTimeSeconds":0,)"), std::string::npos);
}

TEST(SqsDeadLetters, AreShownAgainAfterASweepThatFailed) {
    ScriptedBus scripted;
    scripted.will_count(2);
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.client.refuse(500, "InternalError");
    scripted.will_do(1);
    EXPECT_EQ(code_of(scripted.bus.dead_letters("alpha", 10, "")), "bus_unavailable");
    EXPECT_EQ(scripted.actions().back(), "ChangeMessageVisibilityBatch");
}

TEST(SqsDeadLetters, EndASweepThatMeetsOnlyLettersItHasSeen) {
    ScriptedBus scripted;
    scripted.will_count(2);
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.will_do(1);
    const auto page = scripted.bus.dead_letters("alpha", 10, "");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->letters.size(), 1U);
}

TEST(SqsDeadLetters, ThatSqsMovedItselfSaySo) {
    ScriptedBus scripted;
    scripted.will_count(1);
    scripted.will_hand_out({received("a", an_event("evt_a"), 9, {{"type", "t"}})});
    scripted.client.answer("{}");
    scripted.will_do(1);
    const auto page = scripted.bus.dead_letters("alpha", 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->letters.size(), 1U);
    EXPECT_NE(page->letters[0].reason.find("no failure is recorded"), std::string::npos);
    EXPECT_EQ(page->letters[0].deliveries, deliveries_max);
    EXPECT_EQ(page->letters[0].died, Instant::from_unix_ms(1'767'225'600'500))
        << "when it was sent";
}

TEST(SqsDeadLetters, ShowABodyThatIsNoEvent) {
    ScriptedBus scripted;
    scripted.will_count(1);
    scripted.will_hand_out({received("a", "hello")});
    scripted.client.answer("{}");
    scripted.will_do(1);
    const auto page = scripted.bus.dead_letters("alpha", 10, "");
    ASSERT_TRUE(page);
    ASSERT_EQ(page->letters.size(), 1U);
    EXPECT_EQ(page->letters[0].event.id, "a");
    EXPECT_EQ(page->letters[0].event.body, R"("hello")");
}

TEST(SqsDeadLetters, StopASweepAtItsLimit) {
    ScriptedBus scripted;
    scripted.will_count(2'000);
    for (int i = 0; i < 100; ++i) {
        std::vector<std::string> ten;
        for (int j = 0; j < 10; ++j) {
            ten.push_back(letter(cat(i * 10 + j), 1'000));
        }
        scripted.will_hand_out(ten);
    }
    const auto page = scripted.bus.dead_letters("alpha", 100, "");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->letters.size(), 100U);
    EXPECT_TRUE(page->cursor);
    const auto actions = scripted.actions();
    EXPECT_EQ(std::ranges::count(actions, "ReceiveMessage"), 100)
        << "1,000 letters and not one more";
}

TEST(SqsDeadLetters, RefuseACursorThatIsNotTheirs) {
    ScriptedBus scripted;
    for (const auto* const cursor : {"nonsense", "MTox", "YTpiOmM"}) {
        EXPECT_EQ(code_of(scripted.bus.dead_letters("alpha", 10, cursor)), "invalid_cursor");
    }
    EXPECT_TRUE(scripted.client.calls().empty());
}

TEST(SqsDeadLetters, AreRedrivenWithoutWhatMadeThemLetters) {
    ScriptedBus scripted;
    scripted.will_count(1);
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.will_send(an_event("evt_a"));
    scripted.will_do(1);
    EXPECT_EQ(scripted.bus.redrive("alpha", {"a"}).value_or(-1), 1);
    ASSERT_EQ(scripted.actions(), (Actions{"GetQueueAttributes", "ReceiveMessage",
                                           "SendMessageBatch", "DeleteMessageBatch"}));
    const auto document = JsonDocument::parse(scripted.client.calls()[2].body);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["QueueUrl"].text_or(), "https://sqs.test/1/souk-t-alpha");
    const JsonView attributes = document->root()["Entries"].at(0)["MessageAttributes"];
    EXPECT_EQ(attributes.size(), 1U);
    EXPECT_EQ(attributes["type"]["StringValue"].text_or(), contract::happened);
    EXPECT_NE(scripted.last_body().find("souk-t-alpha-dead"), std::string::npos);
}

TEST(SqsDeadLetters, AreLookedThroughForThoseToRedriveUpToABound) {
    // How many are redriven of one that stands behind so many others.
    const auto redriven_behind = [](std::size_t others) {
        ScriptedBus scripted;
        scripted.will_count(static_cast<int>(others) + 1);
        std::vector<std::string> ten;
        for (std::size_t i = 0; i <= others; ++i) {
            ten.push_back(letter(i < others ? cat(i) : "wanted", 1'000));
            if (ten.size() == batch_entries_max || i == others) {
                scripted.will_hand_out(std::exchange(ten, {}));
            }
        }
        scripted.will_send(an_event("evt_wanted"));
        scripted.will_do(1);
        const int redriven = scripted.bus.redrive("alpha", {"wanted"}).value_or(-1);
        const auto calls = scripted.client.calls();
        const auto last = std::ranges::find_if(calls.rbegin(), calls.rend(), [](const auto& call) {
            return call.body.contains("MaxNumberOfMessages");
        });
        EXPECT_TRUE(last->body.contains(R"("MaxNumberOfMessages":10)")) << last->body;
        return redriven;
    };
    EXPECT_EQ(redriven_behind(DeadQueue::redriven_max - 1), 1);
    EXPECT_EQ(redriven_behind(DeadQueue::redriven_max), 0);
}

TEST(SqsDeadLetters, StayWhenTheQueueDidNotTakeThem) {
    ScriptedBus scripted;
    scripted.will_count(1);
    scripted.will_hand_out({letter("a", 1'000)});
    scripted.will_fail_with("InvalidMessageContents", "true");
    scripted.will_do(1);
    EXPECT_EQ(code_of(scripted.bus.redrive("alpha", {})), "bus_unavailable");
    EXPECT_EQ(scripted.actions(), (Actions{"GetQueueAttributes", "ReceiveMessage",
                                           "SendMessageBatch", "ChangeMessageVisibilityBatch"}));
}

TEST(SqsDeadLetters, AreNotDrivenRoundForEver) {
    ScriptedBus scripted;
    const std::int64_t later = scripted.clock.now().unix_ms() + 1;
    scripted.will_count(1);
    scripted.will_hand_out({letter("a", later)});
    scripted.client.answer("{}");
    scripted.will_do(1);
    EXPECT_EQ(scripted.bus.redrive("alpha", {}).value_or(-1), 0);
    EXPECT_EQ(scripted.client.answers_left(), 0U);
}

}  // namespace
}  // namespace souk::sqs
