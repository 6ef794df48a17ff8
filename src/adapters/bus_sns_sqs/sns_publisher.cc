#include "adapters/bus_sns_sqs/sns_publisher.h"

#include <algorithm>
#include <utility>

#include "adapters/aws_client/xml_text.h"
#include "adapters/bus_sns_sqs/query_call.h"
#include "adapters/bus_sns_sqs/queue_calls.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "domain/base/text.h"

namespace souk {

namespace {

using sqs::Blame;
using sqs::EntryFailure;

std::vector<std::string_view> members_of(std::string_view list) {
    constexpr std::string_view opening = "<member>";
    constexpr std::string_view closing = "</member>";
    std::vector<std::string_view> members;
    for (std::size_t at = list.find(opening); at != std::string_view::npos;
         at = list.find(opening)) {
        list.remove_prefix(at + opening.size());
        members.push_back(list.substr(0, list.find(closing)));
    }
    return members;
}

std::size_t entry_of(std::string_view member) {
    return static_cast<std::size_t>(
        to_integer(aws::xml_text(member, "Id").value_or("")).value_or(-1));
}

sqs::BatchOutcome outcome_of(std::string_view xml) {
    sqs::BatchOutcome outcome;
    for (const std::string_view member : members_of(aws::xml_inside(xml, "Successful"))) {
        outcome.done.push_back(entry_of(member));
    }
    for (const std::string_view member : members_of(aws::xml_inside(xml, "Failed"))) {
        const bool sender = aws::xml_text(member, "SenderFault") == "true";
        outcome.failed.push_back({entry_of(member), sender ? Blame::sender : Blame::service,
                                  aws::xml_text(member, "Code").value_or(""),
                                  aws::xml_text(member, "Message").value_or("")});
    }
    return outcome;
}

/// An event that SNS can take, and where it stands in what was given.
struct Ready {
    std::size_t position;
    const Event& event;
    std::string body;
};

/// The trace header can only go with a call, so only a batch of one trace has one.
std::string shared_trace(const std::vector<Ready>& ready, const std::vector<std::size_t>& entries) {
    const std::string& first = ready[entries.front()].event.traceparent;
    const bool shared = std::ranges::all_of(
        entries, [&](std::size_t entry) { return ready[entry].event.traceparent == first; });
    return shared ? sqs::trace_header(first) : std::string();
}

sqs::Parameters batch_parameters(const std::string& topic_arn, const std::vector<Ready>& ready,
                                 const std::vector<std::size_t>& entries) {
    sqs::Parameters parameters{{"TopicArn", topic_arn}};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Ready& one = ready[entries[i]];
        const std::string entry = cat("PublishBatchRequestEntries.member.", i + 1);
        const std::string type = cat(entry, ".MessageAttributes.entry.1");
        parameters.emplace_back(cat(entry, ".Id"), cat(entries[i]));
        parameters.emplace_back(cat(entry, ".Message"), one.body);
        parameters.emplace_back(cat(type, ".Name"), sqs::attribute::type);
        parameters.emplace_back(cat(type, ".Value.DataType"), "String");
        parameters.emplace_back(cat(type, ".Value.StringValue"), one.event.type);
    }
    return parameters;
}

Error error_of(const EntryFailure& failure) {
    return {failure.blame == Blame::sender ? errors::event_refused : errors::bus_unavailable,
            cat("PublishBatch failed: ", failure.code, ": ", failure.message)};
}

}  // namespace

std::vector<Result<void>> SnsPublisher::publish(const std::vector<Event>& events) {
    std::vector<Result<void>> outcomes(events.size());
    std::vector<Ready> ready;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        sqs::OutgoingMessage message{sqs::message_body(event),
                                     {{std::string(sqs::attribute::type), event.type}}};
        const std::size_t size = sqs::size_of(message);
        if (size > sqs::sns_message_bytes_max) {
            outcomes[i] = fail(errors::event_too_large,
                               cat("The event ", event.id, " has ", size, " bytes; SNS takes ",
                                   sqs::sns_message_bytes_max, "."));
            continue;
        }
        ready.push_back({i, event, std::move(message.body)});
        sizes.push_back(size);
    }
    const auto send = [&](const std::vector<std::size_t>& entries) -> Result<sqs::BatchOutcome> {
        const std::string trace = shared_trace(ready, entries);
        const aws::TraceScope scope(trace.empty() ? aws::TraceScope::current() : trace);
        return outcome_of(TRY(
            sqs::sns_call(client_, "PublishBatch", batch_parameters(topic_arn_, ready, entries))));
    };
    for (const auto& failure : sqs::send_in_batches(sizes, pacing_, send)) {
        outcomes[ready[failure.entry].position] = fail(error_of(failure));
    }
    return outcomes;
}

}  // namespace souk
