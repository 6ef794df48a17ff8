#include "adapters/bus_sns_sqs/relay.h"

#include <gtest/gtest.h>

#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/memory/silent_telemetry.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/json.h"
#include "support/scripted_aws_client.h"

namespace souk::sqs {
namespace {

using contract::code_of;
using contract::event_of;
using testing_support::ScriptedAwsClient;

/// A record of the table's stream that adds `attributes` (JSON members) under the partition `pk`.
std::string record(const std::string& sequence, const std::string& name, const std::string& pk,
                   const std::string& attributes) {
    return cat(R"({"eventID":"1","eventName":")", name,
               R"(","eventSource":"aws:dynamodb","dynamodb":{"SequenceNumber":")", sequence,
               R"(","StreamViewType":"NEW_AND_OLD_IMAGES",")",
               name == "REMOVE" ? "OldImage" : "NewImage", R"(":{"pk":{"S":")", pk,
               R"("},"sk":{"S":"x"})", attributes, "}}}");
}

std::string outbox_record(const std::string& sequence, const std::string& body) {
    return record(sequence, "INSERT", "outbox#03", cat(R"(,"e":{"S":)", json_quoted(body), "}"));
}

std::string event_record(const std::string& sequence) {
    return outbox_record(sequence,
                         message_body(event_of(contract::happened, cat("evt_", sequence))));
}

std::string stream_of(const std::vector<std::string>& records) {
    std::string list;
    for (const auto& one : records) {
        list += cat(list.empty() ? "" : ",", one);
    }
    return cat(R"({"Records":[)", list, "]}");
}

constexpr std::string_view all_done = R"({"batchItemFailures":[]})";

struct RelayBed {
    ScriptedAwsClient client;
    SilentTelemetry telemetry;
    SnsPublisher publisher{client, "arn:topic", {3, std::chrono::milliseconds(0)}};
    std::vector<std::string> kept;  // "sequence code"
    bool keeps = true;
    Relay relay{publisher,
                [this](const OutboxRecord& one, const Error& why) -> Result<void> {
                    if (!keeps) {
                        return fail(errors::unavailable, "full");
                    }
                    kept.push_back(cat(one.id, ' ', why.code.name));
                    return {};
                },
                telemetry};

    void will_publish(const std::vector<int>& ids, const std::string& failed = "") {
        std::string xml = "<PublishBatchResult><Successful>";
        for (const int id : ids) {
            xml += cat("<member><Id>", id, "</Id></member>");
        }
        client.answer(cat(xml, "</Successful><Failed>", failed, "</Failed></PublishBatchResult>"));
    }
    static std::string refused(int id, const std::string& sender_fault) {
        return cat("<member><Id>", id, "</Id><Code>X</Code><SenderFault>", sender_fault,
                   "</SenderFault></member>");
    }
};

TEST(StreamEvent, YieldsTheOutboxAndNothingElse) {
    const auto records = parse_stream_event(stream_of(
        {record("1", "INSERT", "store#1", R"(,"b":{"S":"row"})"), event_record("2"),
         record("3", "REMOVE", "outbox#03", R"(,"e":{"S":"{}"})"),
         record("4", "MODIFY", "orders", R"(,"e":{"S":"no outbox"})"), event_record("5")}));
    ASSERT_TRUE(records);
    ASSERT_EQ(records->size(), 2U);
    EXPECT_EQ(records->at(0).id, "2");
    EXPECT_EQ(records->at(0).json, message_body(event_of(contract::happened, "evt_2")));
    EXPECT_EQ(records->at(1).id, "5");
}

TEST(StreamEvent, IsRefusedWhenItIsNone) {
    EXPECT_EQ(code_of(parse_stream_event("no json")), "malformed_json");
    EXPECT_EQ(code_of(parse_stream_event(R"({"rawPath":"/"})")), "validation_failed");
}

TEST(Relay, PublishesTheBatch) {
    RelayBed bed;
    bed.will_publish({0, 1});
    EXPECT_EQ(bed.relay.relay(stream_of({event_record("1"), event_record("2")})).value_or(""),
              all_done);
    EXPECT_EQ(bed.telemetry.counted("souk_events_total", "type", contract::happened), 2);
}

TEST(Relay, CallsNobodyForABatchWithoutEvents) {
    RelayBed bed;
    EXPECT_EQ(bed.relay.relay(stream_of({record("1", "INSERT", "store#1", "")})).value_or(""),
              all_done);
    EXPECT_TRUE(bed.client.calls().empty());
}

TEST(Relay, AsksForTheStreamFromTheFirstEventThatFailed) {
    RelayBed bed;
    bed.will_publish({0, 2}, cat(bed.refused(1, "false"), bed.refused(3, "false")));
    bed.will_publish({3}, bed.refused(1, "false"));
    bed.will_publish({}, bed.refused(1, "false"));
    EXPECT_EQ(bed.relay
                  .relay(stream_of(
                      {event_record("1"), event_record("2"), event_record("3"), event_record("4")}))
                  .value_or(""),
              R"({"batchItemFailures":[{"itemIdentifier":"2"}]})");
    EXPECT_TRUE(bed.kept.empty());
    EXPECT_EQ(bed.telemetry.counted("souk_events_total"), 1) << "the others will be read again";
}

TEST(Relay, AsksForTheWholeBatchWhenSnsIsAway) {
    RelayBed bed;
    bed.client.fail_with(aws::errors::aws_not_sent);
    EXPECT_EQ(bed.relay.relay(stream_of({event_record("1"), event_record("2")})).value_or(""),
              R"({"batchItemFailures":[{"itemIdentifier":"1"}]})");
}

TEST(Relay, KeepsWhatCanNeverBePublishedAndGoesOn) {
    RelayBed bed;
    Event large = event_of(contract::happened, "evt_2");
    large.body = json_quoted(std::string(sns_message_bytes_max, 'x'));
    bed.will_publish({0}, bed.refused(1, "true"));
    EXPECT_EQ(bed.relay
                  .relay(stream_of({event_record("1"), outbox_record("2", message_body(large)),
                                    event_record("3"), outbox_record("4", "no event"),
                                    record("5", "INSERT", "outbox#00", "")}))
                  .value_or(""),
              all_done);
    EXPECT_EQ(bed.kept, (std::vector<std::string>{"2 event_too_large", "3 event_refused",
                                                  "4 malformed_json", "5 malformed_json"}));
    EXPECT_EQ(bed.telemetry.counted("souk_relay_failures_total", "outcome", "kept"), 4);
}

TEST(Relay, SaysHowManyAreSettledAndWhyNoMore) {
    RelayBed bed;
    bed.keeps = false;
    const std::vector<OutboxRecord> records{
        {"1", message_body(event_of(contract::happened, "evt_1"))},
        {"2", "no event"},
        {"3", message_body(event_of(contract::happened, "evt_3"))}};
    bed.will_publish({0, 1});
    const Relayed relayed = bed.relay.publish(records);
    EXPECT_EQ(relayed.settled, 1U);
    ASSERT_TRUE(relayed.failure);
    EXPECT_EQ(relayed.failure->code.name, "unavailable");
    bed.keeps = true;
    bed.will_publish({0, 1});
    EXPECT_EQ(bed.relay.publish(records).settled, 3U);
}

TEST(Relay, ReadsAgainWhatCouldNotBeKept) {
    RelayBed bed;
    bed.keeps = false;
    bed.will_publish({0});
    EXPECT_EQ(bed.relay.relay(stream_of({outbox_record("1", "no event"), event_record("2")}))
                  .value_or(""),
              R"({"batchItemFailures":[{"itemIdentifier":"1"}]})");
}

TEST(KeepInQueue, SendsTheEventWithItsReason) {
    ScriptedAwsClient client;
    client.answer(
        cat(R"({"Successful":[{"Id":"0","MD5OfMessageBody":")", md5_hex("{x}"), R"("}]})"));
    const auto keep = keep_in_queue(client, "https://sqs.test/1/souk-t-relay-dead");
    EXPECT_TRUE(keep({"1", "{x}"}, {errors::event_too_large, "big"}));
    const auto document = JsonDocument::parse(client.calls().front().body);
    ASSERT_TRUE(document);
    const JsonView entry = document->root()["Entries"].at(0);
    EXPECT_EQ(entry["MessageBody"].text_or(), "{x}");
    EXPECT_EQ(entry["MessageAttributes"]["reason"]["StringValue"].text_or(),
              "event_too_large: big");
}

TEST(KeepInQueue, TakesAsMuchAsSqsAndNoMore) {
    const Error why{errors::event_too_large, "big"};
    const std::size_t rest =
        size_of({"", {{"reason", reason_text(cat(why.code.name, ": ", why.detail))}}});
    const std::string fits(sqs_message_bytes_max - rest, 'x');
    ScriptedAwsClient client;
    client.answer(
        cat(R"({"Successful":[{"Id":"0","MD5OfMessageBody":")", md5_hex(fits), R"("}]})"));
    const auto keep = keep_in_queue(client, "u");
    EXPECT_TRUE(keep({"1", fits}, why));
    EXPECT_EQ(code_of(keep({"1", fits + "x"}, why)), "event_too_large");
    EXPECT_EQ(client.calls().size(), 1U);
}

}  // namespace
}  // namespace souk::sqs
