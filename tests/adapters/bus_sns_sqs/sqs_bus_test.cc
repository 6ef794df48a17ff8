#include "adapters/bus_sns_sqs/sqs_bus.h"

#include <gtest/gtest.h>

#include "adapters/bus_sns_sqs/bus_script.h"

namespace souk::sqs {
namespace {

using namespace std::chrono_literals;
using contract::code_of;

TEST(SqsBus, AsksForMessagesWithAllThatItNeeds) {
    ScriptedBus scripted;
    scripted.will_hand_out({received("m1", an_event("evt_1"), 2)});
    const auto messages = scripted.bus.receive("alpha", 7, 0ms, {});
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1U);
    EXPECT_EQ(messages->front().event.id, "evt_1");
    EXPECT_EQ(messages->front().delivery, 2);
    EXPECT_EQ(scripted.last_body(),
              R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha","MaxNumberOfMessages":7,)"
              R"("WaitTimeSeconds":0,"VisibilityTimeout":60,)"
              R"("MessageSystemAttributeNames":["ApproximateReceiveCount","SentTimestamp"],)"
              R"("MessageAttributeNames":["All"]})");
}

TEST(SqsBus, WaitsInLongPollsUntilThereIsSomething) {
    ScriptedBus scripted;
    scripted.client.answer("{}");
    scripted.will_hand_out({received("m1", an_event("evt_1"))});
    EXPECT_EQ(scripted.bus.receive("alpha", 1, 1h, {})->size(), 1U);
    for (const auto& call : scripted.client.calls()) {
        EXPECT_NE(call.body.find(R"("WaitTimeSeconds":10,)"), std::string::npos) << call.body;
        EXPECT_EQ(call.timeout, 15s) << "longer than the poll";
    }
}

TEST(SqsBus, AsksNothingOnceAStopIsRequested) {
    ScriptedBus scripted;
    std::stop_source stop;
    stop.request_stop();
    const auto messages = scripted.bus.receive("alpha", 1, 1h, stop.get_token());
    ASSERT_TRUE(messages);
    EXPECT_TRUE(messages->empty());
    EXPECT_TRUE(scripted.client.calls().empty());
}

TEST(SqsBus, ReportsWhatSqsRefuses) {
    ScriptedBus scripted;
    scripted.client.refuse(400, "AWS.SimpleQueueService.NonExistentQueue", "gone");
    const auto messages = scripted.bus.receive("alpha", 1, 0ms, {});
    EXPECT_EQ(code_of(messages), "bus_unavailable");
    EXPECT_EQ(messages.error().detail,
              "SQS refuses ReceiveMessage: AWS.SimpleQueueService.NonExistentQueue: gone");
}

TEST(SqsBus, TakesNoMessageThatArrivedDamaged) {
    ScriptedBus scripted;
    std::string message = received("m1", an_event("evt_1"));
    message.replace(message.find("evt_1"), 5, "evt_2");
    scripted.will_hand_out({message});
    EXPECT_EQ(code_of(scripted.bus.receive("alpha", 1, 0ms, {})), "bus_unavailable");
}

TEST(SqsBus, BuriesWhatIsNoEvent) {
    ScriptedBus scripted;
    scripted.will_hand_out({received("m1", "hello"), received("m2", an_event("evt_2"))});
    scripted.will_send("hello");
    scripted.will_do(1);
    const auto messages = scripted.bus.receive("alpha", 10, 0ms, {});
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1U);
    EXPECT_EQ(messages->front().event.id, "evt_2");
    EXPECT_EQ(scripted.actions(),
              (Actions{"ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch"}));
    EXPECT_NE(scripted.client.calls()[1].body.find("Unreadable: "), std::string::npos);
}

TEST(SqsBus, DeliversTheOthersWhenOneCannotBeBuried) {
    ScriptedBus scripted;
    scripted.will_hand_out({received("m1", "hello"), received("m2", an_event("evt_2"))});
    scripted.client.refuse(403, "AccessDenied");
    const auto messages = scripted.bus.receive("alpha", 10, 0ms, {});
    ASSERT_TRUE(messages);
    EXPECT_EQ(messages->size(), 1U);
    scripted.will_hand_out({received("m1", "hello")});
    scripted.client.refuse(403, "AccessDenied");
    EXPECT_EQ(code_of(scripted.bus.receive("alpha", 10, 0ms, {})), "bus_unavailable");
}

TEST(SqsBus, BuriesWhatAQueueWithoutRedrivePolicyDeliversTooOften) {
    ScriptedBus scripted;
    scripted.will_hand_out({received("m1", an_event("evt_1"), deliveries_max + 1)});
    scripted.will_send(an_event("evt_1"));
    scripted.will_do(1);
    const auto messages = scripted.bus.receive("alpha", 10, 0ms, {});
    ASSERT_TRUE(messages);
    EXPECT_TRUE(messages->empty());
    EXPECT_EQ(scripted.client.answers_left(), 0U);
}

TEST(SqsBus, AcknowledgesTenReceiptsACall) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    scripted.will_do(10);
    scripted.client.answer(R"({"Successful":[{"Id":"10"}]})");
    EXPECT_TRUE(scripted.bus.acknowledge("alpha", std::vector<std::string>(11, receipt)));
    EXPECT_EQ(scripted.actions(),
              (Actions{"ReceiveMessage", "DeleteMessageBatch", "DeleteMessageBatch"}));
    EXPECT_EQ(scripted.last_body(), R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha","Entries":)"
                                    R"([{"Id":"10","ReceiptHandle":"handle of m1"}]})");
}

TEST(SqsBus, TriesAgainAnAcknowledgementThatFailed) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    scripted.will_fail_with("InternalError", "false");
    scripted.will_do(1);
    EXPECT_TRUE(scripted.bus.acknowledge("alpha", {receipt}));
    EXPECT_EQ(scripted.client.answers_left(), 0U);
}

TEST(SqsBus, ReportsAnAcknowledgementThatFailsAgainAndAgain) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    for (int i = 0; i < at_once.tries_max; ++i) {
        scripted.will_fail_with("InternalError", "false");
    }
    const auto acknowledged = scripted.bus.acknowledge("alpha", {receipt});
    EXPECT_EQ(code_of(acknowledged), "bus_unavailable");
    EXPECT_EQ(acknowledged.error().detail, "DeleteMessageBatch failed: InternalError: why");
}

TEST(SqsBus, BearsAnAcknowledgementThatComesTooLate) {
    for (const auto* const code : {"ReceiptHandleIsInvalid", "InvalidParameterValue"}) {
        ScriptedBus scripted;
        const std::string receipt = scripted.receipt_of();
        scripted.will_fail_with(code, "true");
        EXPECT_TRUE(scripted.bus.acknowledge("alpha", {receipt})) << code;
    }
}

TEST(SqsBus, RefusesReceiptsOfOthers) {
    ScriptedBus scripted;
    EXPECT_EQ(code_of(scripted.bus.acknowledge("alpha", {"x"})), "validation_failed");
    EXPECT_EQ(code_of(scripted.bus.retry("alpha", "x", "")), "validation_failed");
    EXPECT_EQ(code_of(scripted.bus.bury("alpha", "x", "")), "validation_failed");
    EXPECT_TRUE(scripted.client.calls().empty());
}

TEST(SqsBus, LetsAFailedMessageRestForItsBackoff) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of(1);
    scripted.will_do(1);
    EXPECT_TRUE(scripted.bus.retry("alpha", receipt, "not now"));
    EXPECT_EQ(scripted.last_body(),
              R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha","Entries":)"
              R"([{"Id":"0","ReceiptHandle":"handle of m1","VisibilityTimeout":1}]})");
}

TEST(SqsBus, BearsARetryOfWhatIsNotInFlight) {
    for (const auto* const code :
         {"AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid"}) {
        ScriptedBus scripted;
        const std::string receipt = scripted.receipt_of();
        scripted.will_fail_with(code, "true");
        EXPECT_TRUE(scripted.bus.retry("alpha", receipt, "late")) << code;
    }
}

TEST(SqsBus, ReportsARetryThatSqsDoesNotRecord) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    scripted.will_fail_with("AccessDenied", "true");
    EXPECT_EQ(code_of(scripted.bus.retry("alpha", receipt, "late")), "bus_unavailable");
}

TEST(SqsBus, SendsTheFifthFailureToTheDeadLettersWithItsReason) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of(deliveries_max);
    scripted.clock.advance(1s);
    scripted.will_send(an_event("evt_1"));
    scripted.will_do(1);
    EXPECT_TRUE(scripted.bus.retry("alpha", receipt, "sold out"));
    ASSERT_EQ(scripted.actions(),
              (Actions{"ReceiveMessage", "SendMessageBatch", "DeleteMessageBatch"}));
    const std::string sent = scripted.client.calls()[1].body;
    const auto document = JsonDocument::parse(sent);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["QueueUrl"].text_or(), "https://sqs.test/1/souk-t-alpha-dead");
    const JsonView entry = document->root()["Entries"].at(0);
    EXPECT_EQ(entry["MessageBody"].text_or(), an_event("evt_1"));
    const JsonView attributes = entry["MessageAttributes"];
    EXPECT_EQ(attributes["reason"]["StringValue"].text_or(), "sold out");
    EXPECT_EQ(attributes["deliveries"]["StringValue"].text_or(), "5");
    EXPECT_EQ(attributes["died"]["StringValue"].text_or(), cat(scripted.clock.now().unix_ms()));
    EXPECT_EQ(attributes["type"]["StringValue"].text_or(), contract::happened);
}

TEST(SqsBus, KeepsAMessageThatTheDeadLettersDidNotTake) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    scripted.will_fail_with("InvalidMessageContents", "true");
    EXPECT_EQ(code_of(scripted.bus.bury("alpha", receipt, "never")), "bus_unavailable");
    EXPECT_EQ(scripted.actions(), (Actions{"ReceiveMessage", "SendMessageBatch"}));
}

TEST(SqsBus, SendsALetterAgainThatSqsReceivedDamaged) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    scripted.will_send("something else");
    scripted.will_send(an_event("evt_1"));
    scripted.will_do(1);
    EXPECT_TRUE(scripted.bus.bury("alpha", receipt, "never"));
    EXPECT_EQ(scripted.client.answers_left(), 0U);
}

TEST(SqsBus, IgnoresAReceiptWhoseMessageMayBeAnothersByNow) {
    ScriptedBus scripted;
    const std::string receipt = scripted.receipt_of();
    const std::string last = scripted.receipt_of(deliveries_max);
    const std::size_t calls = scripted.client.calls().size();
    scripted.clock.advance(visibility);
    EXPECT_TRUE(scripted.bus.retry("alpha", receipt, "late"));
    EXPECT_TRUE(scripted.bus.retry("alpha", last, "late"));
    EXPECT_TRUE(scripted.bus.bury("alpha", receipt, "late"));
    EXPECT_EQ(scripted.client.calls().size(), calls);
}

TEST(SqsBus, KnowsItsQueuesByTheirArns) {
    const ScriptedBus scripted;
    const std::string region = "arn:aws:sqs:eu-west-1:1:";
    EXPECT_EQ(scripted.bus.queue_of_arn(cat(region, "souk-t-beta")).value_or(""), "beta");
    for (const auto* const other :
         {"souk-t-gamma", "beta", "souk-p-beta", "souk-t-beta-dead", ""}) {
        EXPECT_EQ(code_of(scripted.bus.queue_of_arn(cat(region, other))), "unknown_queue") << other;
    }
}

}  // namespace
}  // namespace souk::sqs
