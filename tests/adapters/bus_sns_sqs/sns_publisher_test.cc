#include "adapters/bus_sns_sqs/sns_publisher.h"

#include <gtest/gtest.h>

#include <map>

#include "adapters/bus_sns_sqs/wire.h"
#include "contracts/ledger_fixture.h"
#include "support/scripted_aws_client.h"

namespace souk::sqs {
namespace {

using contract::code_of;
using contract::event_of;
using testing_support::ScriptedAwsClient;

constexpr Pacing at_once{3, std::chrono::milliseconds(0)};

std::string published(const std::vector<int>& ids, const std::string& failed = "") {
    std::string xml = R"(<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">)"
                      "<PublishBatchResult>";
    xml += failed.empty() ? "<Failed/>" : cat("<Failed>", failed, "</Failed>");
    xml += "<Successful>";
    for (const int id : ids) {
        xml += cat("<member><Id>", id, "</Id><MessageId>m", id, "</MessageId></member>");
    }
    return xml + "</Successful></PublishBatchResult></PublishBatchResponse>";
}

std::string failure(int id, const std::string& code, const std::string& sender_fault) {
    return cat("<member><Id>", id, "</Id><Code>", code, "</Code><Message>not &lt;now&gt;</Message>",
               "<SenderFault>", sender_fault, "</SenderFault></member>");
}

std::map<std::string, std::string> form_of(const std::string& body) {
    std::map<std::string, std::string> form;
    for (const auto& field : split(body, '&')) {
        const std::size_t equals = field.find('=');
        form[percent_decoded(field.substr(0, equals), PercentStyle::form).value()] =
            percent_decoded(field.substr(equals + 1), PercentStyle::form).value();
    }
    return form;
}

std::vector<Event> events_of(int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
        events.push_back(event_of("souk.test.v1", cat("evt_", i)));
    }
    return events;
}

/// An event of so many bytes with its attribute.
Event event_of_size(std::size_t bytes) {
    Event event = event_of("souk.test.v1", "evt_1");
    event.body = R"("")";
    const auto size = [&] { return size_of({message_body(event), {{"type", event.type}}}); };
    event.body.insert(1, std::string(bytes - size(), 'x'));
    return event;
}

TEST(SnsPublisher, SendsTheCloudEventWithItsType) {
    ScriptedAwsClient client;
    client.answer(published({0}));
    const auto outcomes = SnsPublisher(client, "arn:topic", at_once).publish(events_of(1));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes[0]);
    const auto call = client.calls().front();
    EXPECT_EQ(call.service, "sns");
    EXPECT_EQ(
        form_of(call.body),
        (std::map<std::string, std::string>{
            {"Action", "PublishBatch"},
            {"Version", "2010-03-31"},
            {"TopicArn", "arn:topic"},
            {"PublishBatchRequestEntries.member.1.Id", "0"},
            {"PublishBatchRequestEntries.member.1.Message",
             message_body(event_of("souk.test.v1", "evt_0"))},
            {"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name", "type"},
            {"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType",
             "String"},
            {"PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue",
             "souk.test.v1"}}));
}

TEST(SnsPublisher, SendsTenEventsACall) {
    ScriptedAwsClient client;
    client.answer(published({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    client.answer(published({10}));
    for (const auto& outcome : SnsPublisher(client, "t", at_once).publish(events_of(11))) {
        EXPECT_TRUE(outcome);
    }
    EXPECT_EQ(client.calls().size(), 2U);
}

TEST(SnsPublisher, TriesAgainWhatSnsFailedAtAndTellsWhatItRefuses) {
    ScriptedAwsClient client;
    client.answer(published(
        {0}, cat(failure(1, "InternalError", "false"), failure(2, "InvalidParameter", "true"))));
    client.answer(published({1}));
    const auto outcomes = SnsPublisher(client, "t", at_once).publish(events_of(3));
    EXPECT_TRUE(outcomes[0]);
    EXPECT_TRUE(outcomes[1]);
    EXPECT_EQ(code_of(outcomes[2]), "event_refused");
    EXPECT_EQ(outcomes[2].error().detail, "PublishBatch failed: InvalidParameter: not <now>");
    const auto second = form_of(client.calls()[1].body);
    EXPECT_EQ(second.at("PublishBatchRequestEntries.member.1.Id"), "1");
    EXPECT_FALSE(second.contains("PublishBatchRequestEntries.member.2.Id"));
}

TEST(SnsPublisher, MeansThatAllFailedWhenTheCallFails) {
    ScriptedAwsClient client;
    client.refuse(403, "AuthorizationError", "no");
    for (const auto& outcome : SnsPublisher(client, "t", at_once).publish(events_of(2))) {
        EXPECT_EQ(code_of(outcome), "bus_unavailable");
    }
    EXPECT_EQ(client.calls().size(), 1U);
}

TEST(SnsPublisher, TakesAnEventUpToTheLimitAndNoLargerOne) {
    ScriptedAwsClient client;
    client.answer(published({0}));
    SnsPublisher publisher(client, "t", at_once);
    EXPECT_TRUE(publisher.publish({event_of_size(sns_message_bytes_max)})[0]);
    EXPECT_EQ(code_of(publisher.publish({event_of_size(sns_message_bytes_max + 1)})[0]),
              "event_too_large");
    EXPECT_EQ(client.calls().size(), 1U) << "nothing is sent of what is too large";
}

TEST(SnsPublisher, PublishesTheOthersBesideOneThatIsTooLarge) {
    ScriptedAwsClient client;
    client.answer(published({0, 1}));
    const auto outcomes =
        SnsPublisher(client, "t", at_once)
            .publish(
                {event_of("a", "1"), event_of_size(sns_message_bytes_max + 1), event_of("a", "2")});
    EXPECT_TRUE(outcomes[0]);
    EXPECT_FALSE(outcomes[1]);
    EXPECT_TRUE(outcomes[2]);
}

/// Remembers the trace header in force at each call.
class TracedClient final : public aws::AwsClient {
public:
    Result<aws::Answer> call(const aws::Call&) override {
        traces.push_back(aws::TraceScope::current());
        return aws::Answer{200, {}, published({0, 1}), {}, {}};
    }
    Result<std::string> presign(const aws::Presigned&) override { return std::string(); }
    std::string endpoint(std::string_view) const override { return {}; }
    std::string_view region() const override { return {}; }

    std::vector<std::string> traces;
};

TEST(SnsPublisher, SendsTheTraceThatABatchHasInCommon) {
    auto events = events_of(2);
    events[0].traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    events[1].traceparent = events[0].traceparent;
    TracedClient client;
    SnsPublisher publisher(client, "t", at_once);
    static_cast<void>(publisher.publish(events));
    events[1].traceparent = "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203331-01";
    static_cast<void>(publisher.publish(events));
    EXPECT_EQ(
        client.traces,
        (std::vector<std::string>{
            "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1", ""}));
    EXPECT_EQ(aws::TraceScope::current(), "");
}

}  // namespace
}  // namespace souk::sqs
