#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/bus_sns_sqs/dead_queue.h"
#include "adapters/bus_sns_sqs/queue_calls.h"
#include "domain/ports/clock.h"
#include "domain/ports/message_bus.h"

namespace souk {

struct SqsBusSettings {
    /// "https://sqs.eu-west-1.amazonaws.com/123456789012/souk-prod-": a queue's URL is this and its
    /// name, its dead letters' that and "-dead".
    std::string queue_url_prefix;
    std::vector<Subscription> queues;
    /// One long poll, 1..20 s: how long a stop may take, against what idle waiting costs.
    std::chrono::seconds poll_max{10};
    sqs::Pacing pacing = {};
};

/// The message bus of Amazon SQS. Keeps nothing between calls: a receipt carries all that is needed
/// to settle its message. Thread-safe.
///
/// What SQS cannot do, and what is done instead:
///   - Waiting is a long poll, a request each `poll_max`; a stop is seen when the poll ends.
///   - Retries rest for whole seconds.
///   - A message's reason is kept only with its dead letter. Those that SQS moves by itself (nobody
///     answered for deliveries_max deliveries; SNS could not deliver) have no reason, and as the
///     moment of death that at which they were sent.
///   - Dead letters are listed by receiving and releasing them: DeadQueue::listed_max a queue, and
///     a letter that somebody else is listing or that died within the last moments may be missing.
///     SQS forgets them when the dead-letter queue's retention ends (14 days in our topology).
/// Source: Amazon SQS developer guide.
class SqsBus final : public MessageBus {
public:
    /// Both outlive the bus.
    SqsBus(aws::AwsClient& client, Clock& clock, SqsBusSettings settings);

    /// Errors: unknown_queue, bus_unavailable, those of AwsClient.
    [[nodiscard]] Result<std::vector<Message>> receive(std::string_view queue, int count,
                                                       std::chrono::milliseconds wait,
                                                       std::stop_token stop) override;
    [[nodiscard]] Result<void> acknowledge(std::string_view queue,
                                           const std::vector<std::string>& receipts) override;
    [[nodiscard]] Result<void> retry(std::string_view queue, const std::string& receipt,
                                     std::string_view reason) override;
    /// Sends it to the dead letters, then deletes it: a crash between leaves a second copy.
    [[nodiscard]] Result<void> bury(std::string_view queue, const std::string& receipt,
                                    std::string_view reason) override;
    [[nodiscard]] Result<DeadLetterPage> dead_letters(std::string_view queue, int limit,
                                                      std::string_view cursor) override;
    [[nodiscard]] Result<int> redrive(std::string_view queue,
                                      const std::vector<std::string>& ids) override;
    [[nodiscard]] std::vector<std::string> queues() const override;

    /// The queue that such an ARN names. Shape: "arn:aws:sqs:eu-west-1:123456789012:souk-prod-x".
    /// Errors: unknown_queue.
    [[nodiscard]] Result<std::string> queue_of_arn(std::string_view arn) const;
    [[nodiscard]] Clock& clock() const { return clock_; }

private:
    [[nodiscard]] const Subscription* find(std::string_view queue) const;
    [[nodiscard]] Result<std::string> url_of(std::string_view queue) const;
    [[nodiscard]] Result<std::vector<Message>> admitted(std::string_view url,
                                                        std::vector<sqs::StoredMessage> received,
                                                        Instant hidden_until);
    [[nodiscard]] Result<void> bury_body(std::string_view url, const std::string& handle,
                                         sqs::OutgoingMessage letter);
    [[nodiscard]] Result<void> remove(std::string_view url,
                                      const std::vector<std::string>& handles);
    [[nodiscard]] Result<std::vector<std::string>> queues_named(std::string_view queue) const;

    Clock& clock_;
    const SqsBusSettings settings_;
    sqs::QueueCalls calls_;
};

}  // namespace souk
