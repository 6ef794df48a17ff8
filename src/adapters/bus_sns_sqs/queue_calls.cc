#include "adapters/bus_sns_sqs/queue_calls.h"

#include <array>
#include <utility>

#include "adapters/bus_sns_sqs/receipt.h"
#include "domain/base/text.h"

namespace souk::sqs {

namespace {

/// Of a call that does not wait for messages, and beyond the wait of one that does.
constexpr std::chrono::seconds call_time_max{5};

/// The answer of a batch action, as positions. `entries[i]` went under the id of its own number.
BatchOutcome outcome_of(const JsonView& root) {
    BatchOutcome outcome;
    const auto entry_of = [](JsonView one) {
        return static_cast<std::size_t>(to_integer(one["Id"].text_or()).value_or(-1));
    };
    for (std::size_t i = 0; i < root["Successful"].size(); ++i) {
        outcome.done.push_back(entry_of(root["Successful"].at(i)));
    }
    for (std::size_t i = 0; i < root["Failed"].size(); ++i) {
        const JsonView one = root["Failed"].at(i);
        outcome.failed.push_back(
            {entry_of(one), one["SenderFault"].bool_or(false) ? Blame::sender : Blame::service,
             one["Code"].text_or(), one["Message"].text_or()});
    }
    return outcome;
}

void write_attributes(JsonWriter& out, std::string_view name, const Attributes& attributes) {
    out.key(name).begin_object();
    for (const auto& [key, value] : attributes) {
        out.key(key).begin_object();
        out.member("DataType", "String").member("StringValue", value).end_object();
    }
    out.end_object();
}

Result<StoredMessage> stored_message(JsonView json) {
    StoredMessage message{json["MessageId"].text_or(),
                          json["ReceiptHandle"].text_or(),
                          json["Body"].text_or(),
                          1,
                          {},
                          {}};
    if (md5_hex(message.body) != json["MD5OfBody"].text_or()) {
        return fail(errors::bus_unavailable,
                    cat("The message ", message.id, " arrived damaged: its MD5 is another."));
    }
    const JsonView system = json["Attributes"];
    message.receives = delivery_from(system["ApproximateReceiveCount"].text_or());
    message.sent = Instant::from_unix_ms(to_integer(system["SentTimestamp"].text_or()).value_or(0));
    const JsonView attributes = json["MessageAttributes"];
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const auto [name, value] = attributes.member(i);
        message.attributes.emplace(name, value["StringValue"].text_or());
    }
    return message;
}

std::string batch_body(std::string_view url, const std::vector<std::size_t>& entries,
                       const auto& write_entry) {
    JsonWriter out;
    out.begin_object().member("QueueUrl", url).key("Entries").begin_array();
    for (const std::size_t entry : entries) {
        out.begin_object().member("Id", cat(entry));
        write_entry(out, entry);
        out.end_object();
    }
    out.end_array().end_object();
    return out.take();
}

}  // namespace

bool is_stale_handle(std::string_view code) {
    // SQS says InvalidParameterValue of a handle whose message is not in flight.
    constexpr std::array<std::string_view, 3> codes{"ReceiptHandleIsInvalid", "MessageNotInflight",
                                                    "InvalidParameterValue"};
    for (const std::string_view one : codes) {
        if (code.ends_with(one)) {
            return true;
        }
    }
    return false;
}

Error error_of(std::string_view action, const EntryFailure& failure) {
    return {errors::bus_unavailable, cat(action, " failed: ", failure.code, ": ", failure.message)};
}

Result<std::vector<StoredMessage>> QueueCalls::receive(std::string_view url, int count,
                                                       std::chrono::seconds wait,
                                                       std::chrono::seconds hidden) {
    JsonWriter out;
    out.begin_object().member("QueueUrl", url).member("MaxNumberOfMessages", count);
    out.member("WaitTimeSeconds", wait.count()).member("VisibilityTimeout", hidden.count());
    out.key("MessageSystemAttributeNames").begin_array();
    out.value("ApproximateReceiveCount").value("SentTimestamp").end_array();
    out.key("MessageAttributeNames").begin_array().value("All").end_array().end_object();
    const JsonDocument answer = TRY(call("ReceiveMessage", out.take(), wait + call_time_max));
    const JsonView found = answer.root()["Messages"];
    std::vector<StoredMessage> messages;
    for (std::size_t i = 0; i < found.size(); ++i) {
        messages.push_back(TRY(stored_message(found.at(i))));
    }
    return messages;
}

std::vector<EntryFailure> QueueCalls::send(std::string_view url,
                                           const std::vector<OutgoingMessage>& messages) {
    std::vector<std::size_t> sizes;
    for (const auto& message : messages) {
        sizes.push_back(size_of(message));
    }
    const auto write = [&](JsonWriter& out, std::size_t entry) {
        const OutgoingMessage& message = messages[entry];
        out.member("MessageBody", message.body);
        write_attributes(out, "MessageAttributes", message.attributes);
        if (!message.trace_header.empty()) {
            write_attributes(out, "MessageSystemAttributes",
                             {{"AWSTraceHeader", message.trace_header}});
        }
    };
    return send_in_batches(
        sizes, pacing_, [&](const std::vector<std::size_t>& entries) -> Result<BatchOutcome> {
            const JsonDocument answer =
                TRY(call("SendMessageBatch", batch_body(url, entries, write), call_time_max));
            BatchOutcome outcome = outcome_of(answer.root());
            const JsonView sent = answer.root()["Successful"];
            for (std::size_t i = sent.size(); i-- > 0;) {
                const std::size_t entry = outcome.done[i];
                if (entry < messages.size() &&
                    sent.at(i)["MD5OfMessageBody"].text_or() != md5_hex(messages[entry].body)) {
                    outcome.done.erase(outcome.done.begin() + static_cast<std::ptrdiff_t>(i));
                    outcome.failed.push_back({entry, Blame::service, "MD5OfMessageBody",
                                              "SQS received other bytes than were sent."});
                }
            }
            return outcome;
        });
}

std::vector<EntryFailure> QueueCalls::remove(std::string_view url,
                                             const std::vector<std::string>& handles) {
    const auto write = [&](JsonWriter& out, std::size_t entry) {
        out.member("ReceiptHandle", handles[entry]);
    };
    return send_in_batches(
        std::vector<std::size_t>(handles.size(), 0), pacing_,
        [&](const std::vector<std::size_t>& entries) -> Result<BatchOutcome> {
            return outcome_of(
                TRY(call("DeleteMessageBatch", batch_body(url, entries, write), call_time_max))
                    .root());
        });
}

std::vector<EntryFailure> QueueCalls::release(std::string_view url,
                                              const std::vector<std::string>& handles,
                                              std::chrono::seconds rest) {
    const auto write = [&](JsonWriter& out, std::size_t entry) {
        out.member("ReceiptHandle", handles[entry]).member("VisibilityTimeout", rest.count());
    };
    return send_in_batches(
        std::vector<std::size_t>(handles.size(), 0), pacing_,
        [&](const std::vector<std::size_t>& entries) -> Result<BatchOutcome> {
            return outcome_of(TRY(call("ChangeMessageVisibilityBatch",
                                       batch_body(url, entries, write), call_time_max))
                                  .root());
        });
}

Result<std::int64_t> QueueCalls::visible_count(std::string_view url) {
    JsonWriter out;
    out.begin_object().member("QueueUrl", url).key("AttributeNames").begin_array();
    out.value("ApproximateNumberOfMessages").end_array().end_object();
    const JsonDocument answer = TRY(call("GetQueueAttributes", out.take(), call_time_max));
    const std::string count = answer.root()["Attributes"]["ApproximateNumberOfMessages"].text_or();
    return to_integer(count).value_or(0);
}

Result<JsonDocument> QueueCalls::call(std::string_view action, std::string body,
                                      std::chrono::milliseconds timeout) {
    // A repeat of any of these does no harm: a second copy of a message is one that every reaction
    // must bear, and messages that were received by an answer that never came appear again.
    auto answer = TRY(client_.call({.service = "sqs",
                                    .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                                {"X-Amz-Target", cat("AmazonSQS.", action)}},
                                    .body = std::move(body),
                                    .repeat = aws::Repeat::idempotent,
                                    .timeout = timeout}));
    if (!answer.ok()) {
        return fail(errors::bus_unavailable, cat("SQS refuses ", action, ": ", answer.error_code,
                                                 ": ", answer.error_message));
    }
    auto document = JsonDocument::parse(answer.body.empty() ? "{}" : answer.body);
    if (!document) {
        return fail(errors::bus_unavailable, cat("SQS's answer to ", action, " is not JSON."));
    }
    return document;
}

}  // namespace souk::sqs
