#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "adapters/bus_sns_sqs/peer.h"
#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/bus_sns_sqs/topology.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/json.h"

namespace souk::sqs {
namespace {

using Ids = std::multiset<std::string>;

/// Queues, relay and bus on moto, as they are deployed.
class FanOut : public testing::Test {
protected:
    void SetUp() override {
        client_ = peer_client("SOUK_PEER_MOTO", {});
        if (!client_) {
            return;
        }
        const std::string prefix = fresh_prefix();
        topology_ =
            make_topology(*client_, {cat(prefix, "events"), prefix, subscriptions_}).value();
        bus_ =
            std::make_unique<SqsBus>(*client_, clock_,
                                     SqsBusSettings{.queue_url_prefix = topology_.queue_url_prefix,
                                                    .queues = subscriptions_});
        publisher_ = std::make_unique<SnsPublisher>(*client_, topology_.topic_arn);
    }

    static std::string stream_of(const std::vector<Event>& events) {
        JsonWriter out;
        out.begin_object().key("Records").begin_array();
        for (std::size_t i = 0; i < events.size(); ++i) {
            out.begin_object().member("eventName", "INSERT").key("dynamodb").begin_object();
            out.member("SequenceNumber", cat(100 + i)).key("NewImage").begin_object();
            out.key("pk").begin_object().member("S", "outbox#07").end_object();
            out.key("sk").begin_object().member("S", events[i].id).end_object();
            out.key("e").begin_object().member("S", message_body(events[i])).end_object();
            out.end_object().end_object().end_object();
        }
        out.end_array().end_object();
        return out.take();
    }
    std::string relay(const std::vector<Event>& events) {
        const auto keep = [](const OutboxRecord&, const Error& why) {
            return Result<void>(fail(why));
        };
        return Relay(*publisher_, keep, telemetry_).relay(stream_of(events)).value_or("an error");
    }
    Ids received(std::string_view queue) {
        Ids ids;
        while (true) {
            const auto messages = bus_->receive(queue, receive_max, {}, {});
            EXPECT_TRUE(messages.has_value());
            if (!messages || messages->empty()) {
                return ids;
            }
            for (const auto& message : *messages) {
                ids.insert(message.event.id);
            }
        }
    }

    const std::vector<Subscription> subscriptions_{
        {"products-orders", {"souk.order.placed.v1", "souk.order.cancelled.v1"}},
        {"carts-orders", {"souk.order.confirmed.v1", "souk.order.cancelled.v1"}},
        {"notifications-all",
         {"souk.order.placed.v1", "souk.order.confirmed.v1", "souk.order.cancelled.v1"}},
        {"orders-stock", {"souk.stock.reserved.v1"}}};
    std::unique_ptr<aws::HttpAwsClient> client_;
    SettableClock clock_;
    SilentTelemetry telemetry_;
    Topology topology_;
    std::unique_ptr<SqsBus> bus_;
    std::unique_ptr<SnsPublisher> publisher_;
};

TEST_F(FanOut, BringsEverySubscriptionExactlyItsTypes) {
    const std::vector<std::string> types = {"souk.order.placed.v1",    "souk.order.confirmed.v1",
                                            "souk.order.cancelled.v1", "souk.stock.reserved.v1",
                                            "souk.order.placed.v10",   "souk.store.created.v1"};
    std::vector<Event> events;
    std::map<std::string, Ids> ids_by_type;
    for (int i = 0; i < 60; ++i) {
        const std::string& type = types[static_cast<std::size_t>(i) % types.size()];
        events.push_back(contract::event_of(type, cat("evt_", i)));
        ids_by_type[type].insert(events.back().id);
    }
    EXPECT_EQ(relay(events), R"({"batchItemFailures":[]})");
    for (const auto& subscription : subscriptions_) {
        Ids expected;
        for (const auto& type : subscription.types) {
            Ids of_type = ids_by_type.at(type);
            expected.merge(of_type);
        }
        EXPECT_EQ(received(subscription.queue), expected) << subscription.queue;
    }
}

TEST_F(FanOut, CarriesTheLargestEventThatSnsTakes) {
    Event event = contract::event_of("souk.stock.reserved.v1", "evt_1");
    event.body = R"({"text":""})";
    const std::size_t size = size_of({message_body(event), {{"type", event.type}}});
    event.body.insert(9, std::string(sns_message_bytes_max - size, 'x'));
    EXPECT_EQ(relay({event}), R"({"batchItemFailures":[]})");
    const auto messages = bus_->receive("orders-stock", 1, {}, {});
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1U);
    EXPECT_EQ(messages->front().event.body, event.body);
}

TEST_F(FanOut, CarriesWhatXmlCannotHold) {
    Event event = contract::event_of("souk.stock.reserved.v1", "evt_1");
    event.body = "{\"text\":\"\\u0001 <&> \xEF\xBF\xBF \xF0\x9F\x8D\x8B +%20\"}";
    EXPECT_EQ(relay({event}), R"({"batchItemFailures":[]})");
    const auto messages = bus_->receive("orders-stock", 1, {}, {});
    ASSERT_TRUE(messages);
    ASSERT_EQ(messages->size(), 1U);
    EXPECT_EQ(messages->front().event.body, event.body);
}

}  // namespace
}  // namespace souk::sqs
