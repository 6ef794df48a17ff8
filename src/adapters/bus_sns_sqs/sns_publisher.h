#pragma once

#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/bus_sns_sqs/batch.h"
#include "domain/base/error.h"
#include "domain/ports/event.h"

namespace souk {

namespace errors {
/// The event is larger than SNS takes: sqs::sns_message_bytes_max with its attributes.
inline constexpr ErrorCode event_too_large{"event_too_large", ErrorKind::invalid};
/// SNS refuses this event for what it is, and would again.
inline constexpr ErrorCode event_refused{"event_refused", ErrorKind::invalid};
}  // namespace errors

/// Puts events onto the topic, from which every queue that subscribes to their type receives them.
/// Thread-safe.
class SnsPublisher {
public:
    /// `client` outlives this.
    SnsPublisher(aws::AwsClient& client, std::string topic_arn, sqs::Pacing pacing = {})
        : client_(client), topic_arn_(std::move(topic_arn)), pacing_(pacing) {}

    /// What became of each event, in their order. Message: the CloudEvent as JSON, with the
    /// attribute `type`.
    /// Errors of each: event_too_large, event_refused; bus_unavailable and those of AwsClient
    /// (try again).
    /// Repeat: publishes a second time, which reactions bear.
    [[nodiscard]] std::vector<Result<void>> publish(const std::vector<Event>& events);

private:
    aws::AwsClient& client_;
    const std::string topic_arn_;
    const sqs::Pacing pacing_;
};

}  // namespace souk
