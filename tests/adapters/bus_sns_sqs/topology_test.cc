#include "adapters/bus_sns_sqs/topology.h"

#include <gtest/gtest.h>

#include "contracts/ledger_fixture.h"
#include "support/scripted_aws_client.h"

namespace souk {
namespace {

using contract::code_of;
using testing_support::ScriptedAwsClient;

void script_one_queue(ScriptedAwsClient& client) {
    client.answer(R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha-dead"})");
    client.answer(R"({"Attributes":{"QueueArn":"arn:alpha-dead"}})");
    client.answer(R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha"})");
    client.answer(R"({"Attributes":{"QueueArn":"arn:alpha"}})");
    client.answer("");
    client.answer("");
}

TEST(Topology, HasADeadLetterQueueForTheQueueAndForItsSubscription) {
    ScriptedAwsClient client;
    client.answer("<CreateTopicResult><TopicArn>arn:topic</TopicArn></CreateTopicResult>");
    script_one_queue(client);
    client.answer(R"({"Attributes":{"QueueArn":"arn:alpha"}})");
    client.answer("<SubscribeResult><SubscriptionArn>arn:sub</SubscriptionArn></SubscribeResult>");
    client.answer("<x/>");
    client.answer("<x/>");
    client.answer("<x/>");
    const auto topology = make_topology(
        client, {"souk-t-events", "souk-t-", {{"alpha", {"souk.a.v1", "souk.b.v1"}}}});
    ASSERT_TRUE(topology);
    EXPECT_EQ(topology->topic_arn, "arn:topic");
    EXPECT_EQ(topology->queue_url_prefix, "https://sqs.test/1/souk-t-");
    const auto calls = client.calls();
    ASSERT_EQ(calls.size(), 12U);
    EXPECT_EQ(calls[5].body,
              R"({"QueueUrl":"https://sqs.test/1/souk-t-alpha-dead","Attributes":{)"
              R"("MessageRetentionPeriod":"1209600","Policy":"{\"Version\":\"2012-10-17\",)"
              R"(\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":)"
              R"(\"sns.amazonaws.com\"},\"Action\":\"sqs:SendMessage\",\"Resource\":)"
              R"(\"arn:alpha-dead\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":)"
              R"(\"arn:topic\"}}}]}"}})");
    EXPECT_NE(calls[6].body.find(R"("VisibilityTimeout":"60","MessageRetentionPeriod":"345600",)"
                                 R"("ReceiveMessageWaitTimeSeconds":"20","RedrivePolicy":)"
                                 R"("{\"deadLetterTargetArn\":\"arn:alpha-dead\",)"
                                 R"(\"maxReceiveCount\":5}")"),
              std::string::npos)
        << calls[6].body;
    const auto attribute = [&](std::size_t call) {
        const std::string& body = calls[call].body;
        return percent_decoded(body.substr(body.find("AttributeName=")), PercentStyle::form)
            .value_or("");
    };
    EXPECT_EQ(attribute(9), "AttributeName=RawMessageDelivery&AttributeValue=true");
    EXPECT_EQ(attribute(10),
              R"(AttributeName=FilterPolicy&AttributeValue={"type":["souk.a.v1","souk.b.v1"]})");
    EXPECT_EQ(attribute(11),
              "AttributeName=RedrivePolicy&AttributeValue="
              R"({"deadLetterTargetArn":"arn:alpha-dead"})");
}

TEST(Topology, LetsNobodySendWithoutATopic) {
    ScriptedAwsClient client;
    script_one_queue(client);
    EXPECT_EQ(make_queues(client, {"", "souk-t-", {{"alpha", {}}}}, "").value_or(""),
              "https://sqs.test/1/souk-t-");
    for (const auto& call : client.calls()) {
        EXPECT_EQ(call.body.find("Policy\":\"{\\\"Version"), std::string::npos);
    }
}

TEST(Topology, HasAQueueForWhatCanNeverBePublished) {
    ScriptedAwsClient client;
    client.answer(R"({"QueueUrl":"https://sqs.test/1/souk-t-relay-dead"})");
    client.answer("");
    ASSERT_TRUE(make_undeliverable_queue(client, "souk-t-relay-dead"));
    ASSERT_EQ(client.calls().size(), 2U);
    EXPECT_EQ(client.calls()[0].body, R"({"QueueName":"souk-t-relay-dead"})");
    EXPECT_EQ(client.calls()[1].body,
              R"({"QueueUrl":"https://sqs.test/1/souk-t-relay-dead","Attributes":{)"
              R"("MessageRetentionPeriod":"1209600"}})");
}

TEST(Topology, NeedsSubscriptions) {
    ScriptedAwsClient client;
    EXPECT_EQ(code_of(make_queues(client, {"t", "souk-t-", {}}, "")), "validation_failed");
}

TEST(Topology, TellsWhatIsRefused) {
    ScriptedAwsClient client;
    client.refuse(403, "AuthorizationError", "no");
    EXPECT_EQ(code_of(make_topology(client, {"t", "souk-t-", {{"alpha", {}}}})), "bus_unavailable");
}

}  // namespace
}  // namespace souk
