#include "apps/aws/outbox_relay.h"

#include <gtest/gtest.h>

#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/memory/silent_telemetry.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/json.h"
#include "support/scripted_aws_client.h"

namespace souk::app {
namespace {

using contract::event_of;
using contract::happened;

dynamo::OutboxRecord record(const Event& event) {
    return {"orders", event.id, render_cloud_event(event)};
}

class OutboxRelayTest : public testing::Test {
protected:
    static dynamo::OutboxRecord too_large() {
        Event event = event_of(happened, "evt_large");
        event.body = json_quoted(std::string(sqs::sns_message_bytes_max, 'x'));
        return record(event);
    }
    void published(int count) {
        std::string xml = "<PublishBatchResult><Successful>";
        for (int id = 0; id < count; ++id) {
            xml += cat("<member><Id>", id, "</Id></member>");
        }
        client_.answer(cat(xml, "</Successful><Failed/></PublishBatchResult>"));
    }
    void refused() {
        client_.answer(
            "<PublishBatchResult><Successful/><Failed><member><Id>0</Id><Code>InvalidParameter"
            "</Code><SenderFault>true</SenderFault></member></Failed></PublishBatchResult>");
    }
    void kept(const dynamo::OutboxRecord& one) {
        client_.answer(cat(R"({"Successful":[{"Id":"0","MD5OfMessageBody":")",
                           sqs::md5_hex(one.event), R"("}]})"));
    }
    /// What the last call sent to the queue.
    void expect_kept(const dynamo::OutboxRecord& one, std::string_view reason,
                     std::string_view queue = "orders-relay-dead") {
        const auto sent = JsonDocument::parse(client_.calls().back().body);
        ASSERT_TRUE(sent);
        EXPECT_EQ(sent->root()["QueueUrl"].text_or(), cat("https://sqs.test/1/souk-t-", queue));
        const JsonView entry = sent->root()["Entries"].at(0);
        EXPECT_EQ(entry["MessageBody"].text_or(), one.event);
        EXPECT_TRUE(
            entry["MessageAttributes"]["reason"]["StringValue"].text_or().starts_with(reason));
    }

    testing_support::ScriptedAwsClient client_;
    SilentTelemetry telemetry_;
    OutboxRelay relay_{client_,
                       {.topic_arn = "arn:topic", .queue_url_prefix = "https://sqs.test/1/souk-t-"},
                       telemetry_};
};

TEST_F(OutboxRelayTest, KeepsAnEventThatIsTooLargeForTheTopic) {
    published(1);
    kept(too_large());
    const auto taken = relay_.take({record(event_of(happened, "evt_1")), too_large()});
    EXPECT_EQ(taken.count, 2U);
    EXPECT_FALSE(taken.failure);
    expect_kept(too_large(), "event_too_large");
}

TEST_F(OutboxRelayTest, KeepsAnEventThatTheTopicRefuses) {
    const auto one = record(event_of(happened, "evt_1"));
    refused();
    kept(one);
    EXPECT_EQ(relay_.take({one}).count, 1U);
    expect_kept(one, "event_refused");
}

TEST_F(OutboxRelayTest, KeepsWhatIsNoEvent) {
    const dynamo::OutboxRecord one{"orders", "evt_1", "no event"};
    kept(one);
    EXPECT_EQ(relay_.take({one}).count, 1U);
    expect_kept(one, "malformed_json");
}

TEST_F(OutboxRelayTest, KeepsEventsInTheQueuesOfTheFunctions) {
    for (const std::string_view table : {"payments", "identity", "carts"}) {
        const dynamo::OutboxRecord one{std::string(table), "evt_1", "no event"};
        kept(one);
        EXPECT_EQ(relay_.take({one}).count, 1U);
        expect_kept(one, "malformed_json",
                    table == "payments"   ? "orders-relay-dead"
                    : table == "identity" ? "users-relay-dead"
                                          : "carts-relay-dead");
    }
}

TEST_F(OutboxRelayTest, HasAnEventThatCannotBeKeptComeAgain) {
    published(2);
    client_.refuse(400, "AWS.SimpleQueueService.NonExistentQueue");
    const auto taken = relay_.take(
        {record(event_of(happened, "evt_1")), too_large(), record(event_of(happened, "evt_2"))});
    EXPECT_EQ(taken.count, 1U);
    ASSERT_TRUE(taken.failure);
    EXPECT_EQ(taken.failure->code.name, "bus_unavailable");
    EXPECT_EQ(telemetry_.lines().back().labels.at("record"), "orders/evt_large");
}

}  // namespace
}  // namespace souk::app
