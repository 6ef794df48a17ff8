#pragma once

#include <functional>
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
    std::string sequence_number;  // Of the stream.
    std::string json;             // The CloudEvent; empty if the item lacks it.
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

/// Publishes the outbox. Thread-safe if `keep` is.
class Relay {
public:
    /// `publisher` and `telemetry` outlive the relay.
    Relay(SnsPublisher& publisher, KeepUnpublishable keep, Telemetry& telemetry)
        : publisher_(publisher), keep_(std::move(keep)), telemetry_(telemetry) {}

    /// Publishes one batch of the stream. What it answers is for Lambda: the lowest sequence number
    /// that was neither published nor kept, from which on the stream is to be read again, or none.
    /// Shape: {"batchItemFailures":[{"itemIdentifier":"…"}]}. Errors: of parse_stream_event.
    /// Effects: counts souk_events_total {type} and souk_relay_failures_total {outcome}.
    /// Repeat: publishes again, which reactions bear.
    [[nodiscard]] Result<std::string> relay(std::string_view event_json);

private:
    /// Whether the record needs to be read again.
    enum class Fate { settled, again };
    [[nodiscard]] Fate settle(const OutboxRecord& record, const Error& why);

    SnsPublisher& publisher_;
    const KeepUnpublishable keep_;
    Telemetry& telemetry_;
};

}  // namespace souk
