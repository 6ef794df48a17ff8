#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/memory/settable_clock.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/json.h"
#include "support/scripted_aws_client.h"

namespace souk::sqs {

inline constexpr Pacing at_once{3, std::chrono::milliseconds(0)};

/// A message as ReceiveMessage answers it.
inline std::string received(const std::string& id, const std::string& body, int receives = 1,
                            const Attributes& attributes = {}) {
    JsonWriter out;
    out.begin_object().member("MessageId", id).member("ReceiptHandle", cat("handle of ", id));
    out.member("Body", body).member("MD5OfBody", md5_hex(body));
    out.key("Attributes").begin_object().member("ApproximateReceiveCount", cat(receives));
    out.member("SentTimestamp", "1767225600500").end_object();
    out.key("MessageAttributes").begin_object();
    for (const auto& [name, value] : attributes) {
        out.key(name).begin_object().member("DataType", "String").member("StringValue", value);
        out.end_object();
    }
    out.end_object().end_object();
    return out.take();
}

inline std::string an_event(const std::string& id) {
    return message_body(contract::event_of(contract::happened, id));
}

/// A bus of the queues alpha and beta whose SQS says what the test wants.
struct ScriptedBus {
    testing_support::ScriptedAwsClient client;
    SettableClock clock;
    SqsBus bus{client,
               clock,
               {.queue_url_prefix = "https://sqs.test/1/souk-t-",
                .queues = contract::contract_subscriptions(),
                .pacing = at_once}};

    void will_hand_out(const std::vector<std::string>& messages) {
        std::string list;
        for (const auto& message : messages) {
            list += cat(list.empty() ? "" : ",", message);
        }
        client.answer(cat(R"({"Messages":[)", list, "]}"));
    }
    /// The entries 0..count-1 of a batch succeed.
    void will_do(int count) {
        JsonWriter out;
        out.begin_object().key("Successful").begin_array();
        for (int i = 0; i < count; ++i) {
            out.begin_object().member("Id", cat(i)).end_object();
        }
        out.end_array().end_object();
        client.answer(out.take());
    }
    /// One message of that body is sent.
    void will_send(const std::string& body) {
        client.answer(cat(R"({"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":")",
                          md5_hex(body), R"("}]})"));
    }
    void will_count(int visible) {
        client.answer(cat(R"({"Attributes":{"ApproximateNumberOfMessages":")", visible, R"("}})"));
    }
    /// The first of the entries fails.
    void will_fail_with(const std::string& code, const char* sender_fault) {
        client.answer(cat(R"({"Successful":[],"Failed":[{"Id":"0","SenderFault":)", sender_fault,
                          R"(,"Code":")", code, R"(","Message":"why"}]})"));
    }
    /// The receipt of a message that was delivered so often.
    std::string receipt_of(int receives = 1) {
        will_hand_out({received("m1", an_event("evt_1"), receives)});
        const auto messages = bus.receive("alpha", 1, {}, {});
        EXPECT_TRUE(messages && messages->size() == 1);
        return messages && !messages->empty() ? messages->front().receipt : std::string();
    }
    /// The actions called so far, in order.
    [[nodiscard]] std::vector<std::string> actions() const {
        std::vector<std::string> names;
        for (const auto& call : client.calls()) {
            for (const auto& [name, value] : call.headers) {
                if (name == "X-Amz-Target") {
                    names.push_back(value.substr(value.find('.') + 1));
                }
            }
        }
        return names;
    }
    [[nodiscard]] std::string last_body() const { return client.calls().back().body; }
};

using Actions = std::vector<std::string>;

}  // namespace souk::sqs
