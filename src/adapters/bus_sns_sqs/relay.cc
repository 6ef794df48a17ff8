#include "adapters/bus_sns_sqs/relay.h"

#include <utility>

#include "adapters/bus_sns_sqs/lambda_batch.h"
#include "adapters/bus_sns_sqs/queue_calls.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/message_bus.h"

namespace souk {

namespace {

constexpr std::string_view outbox_prefix = "outbox#";

}  // namespace

Result<std::vector<OutboxRecord>> parse_stream_event(std::string_view event_json) {
    const JsonDocument document = TRY(JsonDocument::parse(event_json));
    const JsonView all = document.root()["Records"];
    if (!all.is_array()) {
        return fail(errors::validation_failed, "Not a stream's event: it has no Records.");
    }
    std::vector<OutboxRecord> records;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const JsonView change = all.at(i)["dynamodb"];
        const JsonView item = change["NewImage"];
        // A removed item has no new image.
        if (item["pk"]["S"].text_or().starts_with(outbox_prefix)) {
            records.push_back({change["SequenceNumber"].text_or(), item["e"]["S"].text_or()});
        }
    }
    return records;
}

KeepUnpublishable keep_in_queue(aws::AwsClient& client, std::string queue_url) {
    return [&client, url = std::move(queue_url)](const OutboxRecord& record,
                                                 const Error& why) -> Result<void> {
        // SQS takes no empty body.
        sqs::OutgoingMessage message{record.json.empty() ? "{}" : record.json};
        message.attributes.emplace_back(sqs::attribute::reason,
                                        sqs::reason_text(cat(why.code.name, ": ", why.detail)));
        if (sqs::size_of(message) > sqs::sqs_message_bytes_max) {
            return fail(errors::event_too_large, "SQS takes no event of this size either.");
        }
        const auto failures = sqs::QueueCalls(client, {}).send(url, {std::move(message)});
        if (!failures.empty()) {
            return fail(sqs::error_of("SendMessageBatch", failures.front()));
        }
        return {};
    };
}

Result<std::string> Relay::relay(std::string_view event_json) {
    const auto records = TRY(parse_stream_event(event_json));
    const Relayed relayed = publish(records);
    // Lambda reads on from there: what comes after it is published again in any case.
    return relayed.failure ? batch_failures({records[relayed.settled].id}) : batch_failures({});
}

Relayed Relay::publish(const std::vector<OutboxRecord>& records) {
    std::vector<Event> events;
    std::vector<Result<void>> outcomes(records.size());
    std::vector<std::size_t> positions;  // Of the events in `records`.
    std::vector<std::string> types(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto event = parse_cloud_event(records[i].json);
        if (event) {
            types[i] = event->type;
            events.push_back(std::move(*event));
            positions.push_back(i);
        } else {
            outcomes[i] = fail(event.error());
        }
    }
    auto published = publisher_.publish(events);
    for (std::size_t i = 0; i < published.size(); ++i) {
        outcomes[positions[i]] = std::move(published[i]);
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (outcomes[i]) {
            telemetry_.count("souk_events_total", 1, {{"type", types[i]}});
        } else if (auto settled = settle(records[i], outcomes[i].error()); !settled) {
            return {.settled = i, .failure = std::move(settled).error()};
        }
    }
    return {.settled = records.size()};
}

Result<void> Relay::settle(const OutboxRecord& record, const Error& why) {
    const bool never = after_failure(why) == AfterFailure::dead_letter;
    auto kept = never ? keep_(record, why) : Result<void>(fail(why));
    telemetry_.count("souk_relay_failures_total", 1, {{"outcome", kept ? "kept" : "again"}});
    telemetry_.log(never ? LogLevel::error : LogLevel::warning, "event not published",
                   {{"record", record.id},
                    {"code", why.code.name},
                    {"detail", why.detail},
                    {"kept", kept ? "yes" : "no"}});
    return kept;
}

}  // namespace souk
