#include "adapters/bus_sns_sqs/sqs_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <mutex>

#include "adapters/bus_sns_sqs/bus_script.h"
#include "adapters/memory/silent_telemetry.h"

namespace souk::sqs {
namespace {

using namespace std::chrono_literals;
using contract::code_of;

/// As Lambda hands it over; the names' case differs from that of SQS itself.
std::string record(const std::string& id, const std::string& body, int delivery = 1,
                   const std::string& queue = "alpha") {
    return cat(R"({"messageId":")", id, R"(","receiptHandle":"handle of )", id, R"(","body":)",
               json_quoted(body), R"(,"attributes":{"ApproximateReceiveCount":")", delivery,
               R"(","SentTimestamp":"1767225600500"},"messageAttributes":{"type":{"stringValue":)",
               R"("souk.test.happened.v1","dataType":"String"}},"md5OfBody":")", md5_hex(body),
               R"(","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:1:souk-t-)",
               queue, R"(","awsRegion":"eu-west-1"})");
}

std::string batch_of(const std::vector<std::string>& records) {
    std::string list;
    for (const auto& one : records) {
        list += cat(list.empty() ? "" : ",", one);
    }
    return cat(R"({"Records":[)", list, "]}");
}

constexpr std::string_view all_done = R"({"batchItemFailures":[]})";
constexpr std::string_view m1_failed = R"({"batchItemFailures":[{"itemIdentifier":"m1"}]})";

/// A function whose reaction fails at the events that it is told to.
struct Function : ScriptedBus {
    SilentTelemetry telemetry;
    std::map<std::string, ErrorCode> failures;  // By event id.
    std::vector<std::string> reacted;
    std::vector<Reaction> reactions{
        {"alpha", {std::string(contract::happened)}, [this](const Event& event) -> Result<void> {
             reacted.push_back(event.id);
             const auto failure = failures.find(event.id);
             if (failure != failures.end()) {
                 return fail(failure->second, "as told");
             }
             return {};
         }}};

    std::string answer_to(const std::vector<std::string>& records) {
        return consume_batch(batch_of(records), reactions, bus, telemetry).value_or("an error");
    }
};

TEST(ConsumeBatch, LeavesTheAcknowledgementOfSuccessesToLambda) {
    Function function;
    EXPECT_EQ(function.answer_to({record("m1", an_event("1")), record("m2", an_event("2"))}),
              all_done);
    EXPECT_EQ(function.reacted, (std::vector<std::string>{"1", "2"}));
    EXPECT_TRUE(function.client.calls().empty());
    EXPECT_EQ(function.telemetry.counted("souk_reactions_total", "outcome", "done"), 2);
    EXPECT_EQ(function.telemetry.spans(), (std::vector<std::string>{"alpha", "alpha"}));
}

TEST(ParseSqsEvent, CountsNoDeliveryBelowOneOrBeyondItsNumbers) {
    const auto delivery_of = [](std::string_view count) {
        const auto records = parse_sqs_event(
            cat(R"({"Records":[{"messageId":"m","receiptHandle":"h","body":"","attributes":)",
                R"({"ApproximateReceiveCount":")", count, R"("}}]})"));
        return records ? records->front().delivery : -1;
    };
    EXPECT_EQ(delivery_of("3"), 3);
    EXPECT_EQ(delivery_of("0"), 1);
    EXPECT_EQ(delivery_of("-7"), 1);
    EXPECT_EQ(delivery_of("many"), 1);
    // Cut to 32 bits it would be the first delivery again, for ever.
    EXPECT_GT(delivery_of("4294967297"), deliveries_max);
}

TEST(ConsumeBatch, GoesOnAfterAMessageThatFailed) {
    Function function;
    function.failures = {{"1", errors::not_yet}};
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1")), record("m2", an_event("2"))}),
              m1_failed);
    EXPECT_EQ(function.reacted, (std::vector<std::string>{"1", "2"}));
}

// A complaint about an order could not be followed: not even the event was told.
TEST(ConsumeBatch, TellsOfAFailureWhoseItIsAndWhatItCameFrom) {
    Function function;
    function.failures = {{"1", errors::not_yet}};
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"))}), m1_failed);
    const auto lines = function.telemetry.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].message, "reaction failed");
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"event", "1"},
                                            {"type", std::string(contract::happened)},
                                            {"subject", "subject_1"},
                                            {"source", "/stores/store_1/test"},
                                            {"traceparent", "00-trace-span-01"},
                                            {"code", "not_yet"}}) {
        EXPECT_EQ(lines[0].labels.contains(name) ? lines[0].labels.at(name) : "", value) << name;
    }
}

TEST(ConsumeBatch, LetsAMessageThatFailedRestForItsBackoff) {
    Function function;
    function.failures = {{"1", errors::not_yet}};
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"))}), m1_failed);
    EXPECT_EQ(function.actions(), (Actions{"ChangeMessageVisibilityBatch"}));
    EXPECT_EQ(function.last_body(),
              R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha","Entries":)"
              R"([{"Id":"0","ReceiptHandle":"handle of m1","VisibilityTimeout":1}]})");
}

TEST(ConsumeBatch, ReportsAFailureThatCouldNotBeRecorded) {
    Function function;
    function.failures = {{"1", errors::not_yet}, {"2", errors::validation_failed}};
    EXPECT_EQ(function.answer_to({record("m1", an_event("1")), record("m2", an_event("2"))}),
              R"({"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]})");
}

TEST(ConsumeBatch, BuriesWhatCanNeverSucceed) {
    Function function;
    function.failures = {{"1", errors::validation_failed}};
    function.will_send(an_event("1"));
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"), 2)}), all_done);
    EXPECT_EQ(function.actions(), (Actions{"SendMessageBatch", "DeleteMessageBatch"}));
    const std::string sent = function.client.calls()[0].body;
    EXPECT_NE(sent.find(R"("StringValue":"validation_failed: as told")"), std::string::npos);
    EXPECT_NE(sent.find(R"("deliveries":{"DataType":"String","StringValue":"2"})"),
              std::string::npos);
}

TEST(ConsumeBatch, BuriesTheFifthFailureWithItsReason) {
    Function function;
    function.failures = {{"1", errors::not_yet}};
    function.will_send(an_event("1"));
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"), deliveries_max)}), all_done);
    EXPECT_EQ(function.actions(), (Actions{"SendMessageBatch", "DeleteMessageBatch"}));
}

// The bug: whoever filtered the log for errors did not hear of a message that died of its last try.
TEST(ConsumeBatch, TellsOfAMessageThatDiesAsAnErrorAndOfOneThatComesAgainAsAWarning) {
    for (const int delivery : {deliveries_max - 1, deliveries_max}) {
        Function function;
        function.failures = {{"1", errors::not_yet}};
        if (delivery == deliveries_max) {
            function.will_send(an_event("1"));
        }
        function.will_do(1);
        (void)function.answer_to({record("m1", an_event("1"), delivery)});
        ASSERT_EQ(function.telemetry.lines().size(), 1U);
        EXPECT_EQ(function.telemetry.lines()[0].level,
                  delivery == deliveries_max ? LogLevel::error : LogLevel::warning);
    }
}

TEST(ConsumeBatch, BuriesWhatIsNoEvent) {
    Function function;
    function.will_send("hello");
    function.will_do(1);
    EXPECT_EQ(function.answer_to({record("m1", "hello")}), all_done);
    EXPECT_TRUE(function.reacted.empty());
    EXPECT_EQ(function.client.answers_left(), 0U);
}

TEST(ConsumeBatch, LosesNothingWhenTheWiringIsWrong) {
    Function function;
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"), 1, "beta")}), m1_failed);
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"), 1, "gamma")}), m1_failed);
    EXPECT_TRUE(function.client.calls().empty());
}

/// The alarm and a deployment's way back go by it, and a version that has lost a queue is bad.
TEST(ConsumeBatch, CountsAsFailedWhateverFailedBeforeItsReaction) {
    Function function;
    std::string damaged = record("m2", an_event("1"));
    damaged.replace(damaged.find("subject_1"), 9, "subject_2");
    function.will_send("hello");
    function.will_do(1);
    (void)function.answer_to(
        {record("m1", an_event("1"), 1, "beta"), damaged, record("m3", "hello")});
    EXPECT_EQ(function.telemetry.counted("souk_reactions_total", "outcome", "failed"), 3);
    EXPECT_EQ(function.telemetry.counted("souk_reactions_total", "outcome", "done"), 0);
}

TEST(ConsumeBatch, DoesNotActOnAMessageThatArrivedDamaged) {
    Function function;
    std::string damaged = record("m1", an_event("1"));
    damaged.replace(damaged.find("subject_1"), 9, "subject_2");
    EXPECT_EQ(function.answer_to({damaged}), m1_failed);
    EXPECT_TRUE(function.reacted.empty());
}

TEST(ConsumeBatch, BeginsNothingThatTheInvocationCannotFinish) {
    Function function;
    const auto ends = [&](std::chrono::milliseconds left) {
        return std::chrono::system_clock::time_point(
            std::chrono::milliseconds(function.clock.now().unix_ms()) + left);
    };
    {
        const aws::DeadlineScope scope(ends(reaction_time_min - 1ms));
        EXPECT_EQ(function.answer_to({record("m1", an_event("1"))}), m1_failed);
        EXPECT_TRUE(function.reacted.empty());
    }
    const aws::DeadlineScope scope(ends(reaction_time_min));
    EXPECT_EQ(function.answer_to({record("m1", an_event("1"))}), all_done);
    EXPECT_EQ(function.reacted.size(), 1U);
}

/// Four messages that end only when all four have begun.
TEST(ConsumeBatch, ActsOnAsManyAtATimeAsThereAreWorkers) {
    Function function;
    std::barrier all_here(4);
    std::mutex mutex;
    const std::vector<Reaction> reactions{
        {"alpha", {std::string(contract::happened)}, [&](const Event& event) -> Result<void> {
             all_here.arrive_and_wait();
             const std::lock_guard lock(mutex);
             function.reacted.push_back(event.id);
             return {};
         }}};
    const auto answer =
        consume_batch(batch_of({record("m1", an_event("1")), record("m2", an_event("2")),
                                record("m3", an_event("3")), record("m4", an_event("4"))}),
                      reactions, function.bus, function.telemetry, 4);
    EXPECT_EQ(answer.value_or(""), all_done);
    std::ranges::sort(function.reacted);
    EXPECT_EQ(function.reacted, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST(ConsumeBatch, NamesTheOneThatFailedBesideOthers) {
    Function function;
    function.client.refuse(500, "InternalFailure");
    std::mutex mutex;
    const std::vector<Reaction> reactions{
        {"alpha", {std::string(contract::happened)}, [&](const Event& event) -> Result<void> {
             const std::lock_guard lock(mutex);
             return event.id == "1" ? Result<void>(fail(errors::not_yet, "as told"))
                                    : Result<void>();
         }}};
    const auto answer =
        consume_batch(batch_of({record("m1", an_event("1")), record("m2", an_event("2"))}),
                      reactions, function.bus, function.telemetry, 10);
    EXPECT_EQ(answer.value_or(""), m1_failed);
}

TEST(ConsumeBatch, GivesEveryWorkerTheInvocationsDeadline) {
    Function function;
    const aws::DeadlineScope deadline(std::chrono::system_clock::time_point(
        std::chrono::milliseconds(function.clock.now().unix_ms()) + 10s));
    std::atomic<int> within = 0;
    std::barrier both_here(2);
    const std::vector<Reaction> reactions{
        {"alpha", {std::string(contract::happened)}, [&](const Event&) -> Result<void> {
             both_here.arrive_and_wait();
             within += aws::DeadlineScope::current() ? 1 : 0;
             return {};
         }}};
    (void)consume_batch(batch_of({record("m1", an_event("1")), record("m2", an_event("2"))}),
                        reactions, function.bus, function.telemetry, 2);
    EXPECT_EQ(within, 2);
}

TEST(ConsumeBatch, RefusesWhatIsNoBatch) {
    Function function;
    const auto consume = [&](std::string_view event) {
        return code_of(consume_batch(event, function.reactions, function.bus, function.telemetry));
    };
    EXPECT_EQ(consume("no json"), "malformed_json");
    EXPECT_EQ(consume(R"({"rawPath":"/"})"), "validation_failed");
    EXPECT_EQ(consume(R"({"Records":[{"body":"x"}]})"), "validation_failed");
}

}  // namespace
}  // namespace souk::sqs
