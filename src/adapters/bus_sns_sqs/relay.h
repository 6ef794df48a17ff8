#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/bus_sns_sqs/sns_publisher.h"
#include "domain/base/error.h"
#include "domain/ports/event.h"
#include "domain/ports/telemetry.h"

/// From the outbox to the topic. A commit writes its events as items of its own table
/// (pk "outbox#…", sk the event's id, e the CloudEvent as JSON); the table's stream hands them to
/// the relay, in batches and at least once.
namespace souk {

/// An event that lies in the outbox.
struct OutboxRecord {
    std::string id;    // In its stream: the sequence number; else what names the event in a log.
    std::string json;  // The CloudEvent; empty if the item lacks it.
};

/// The outbox items that a batch of a DynamoDB stream adds, in the stream's order. What it says of
/// other items, and of items removed, is left out.
/// Shape: the event of Lambda's event source mapping. Errors: malformed_json, validation_failed.
[[nodiscard]] Result<std::vector<OutboxRecord>> parse_stream_event(std::string_view event_json);

/// Keeps what can never be published where an operator finds it.
using KeepUnpublishable = std::function<Result<void>(const OutboxRecord& record, const Error& why)>;

/// Keeps them in an SQS queue, with the attribute `reason`. `client` outlives what is returned.
/// Errors of a call: event_too_large (over sqs::sqs_message_bytes_max), bus_unavailable, those of
/// AwsClient.
[[nodiscard]] KeepUnpublishable keep_in_queue(aws::AwsClient& client, std::string queue_url);

/// How far a batch of the outbox came.
struct Relayed {
    std::size_t settled = 0;            // So many, from the first on, were published or kept.
    std::optional<Error> failure = {};  // Of the one after them, if they are not all.
};

/// Publishes the outbox. Thread-safe if `keep` is.
class Relay {
public:
    /// `publisher` and `telemetry` outlive the relay.
    Relay(SnsPublisher& publisher, KeepUnpublishable keep, Telemetry& telemetry)
        : publisher_(publisher), keep_(std::move(keep)), telemetry_(telemetry) {}

    /// Publishes events, and keeps those that can never be published. Effects: counts
    /// souk_events_total {type} and souk_relay_failures_total {outcome}. Repeat: publishes and
    /// keeps again, so what was settled is better not repeated; but reactions bear it.
    [[nodiscard]] Relayed publish(const std::vector<OutboxRecord>& records);

    /// The same for one batch of the stream. What it answers is for Lambda: the lowest sequence
    /// number that was neither published nor kept, from which on the stream is to be read again, or
    /// none. Shape: {"batchItemFailures":[{"itemIdentifier":"…"}]}. Errors: of parse_stream_event.
    [[nodiscard]] Result<std::string> relay(std::string_view event_json);

private:
    /// Keeps the record if it can never be published; otherwise, or if it cannot be kept, it needs
    /// to be read again.
    [[nodiscard]] Result<void> settle(const OutboxRecord& record, const Error& why);

    SnsPublisher& publisher_;
    const KeepUnpublishable keep_;
    Telemetry& telemetry_;
};

}  // namespace souk
