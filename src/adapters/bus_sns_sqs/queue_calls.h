#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/bus_sns_sqs/batch.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/base/json.h"

namespace souk {

namespace errors {
/// SQS or SNS answers, and does not do what it was asked; the detail holds its code.
inline constexpr ErrorCode bus_unavailable{"bus_unavailable", ErrorKind::unavailable};
}  // namespace errors

namespace sqs {

/// A message as it lies in a queue.
struct StoredMessage {
    std::string id;      // Given by SQS; other on each send.
    std::string handle;  // SQS's receipt handle: of this one receive.
    std::string body;
    int receives = 1;  // This one included.
    Instant sent;
    std::map<std::string, std::string, std::less<>> attributes;
};

/// The codes by which SQS says that a receipt handle stands for nothing any more: the message is
/// gone, or has become visible again.
[[nodiscard]] bool is_stale_handle(std::string_view code);

/// `failure` as an error of the action. Errors: bus_unavailable.
[[nodiscard]] Error error_of(std::string_view action, const EntryFailure& failure);

/// The five actions of SQS that a bus needs. Where entries can fail one by one, those that did are
/// returned. Thread-safe.
/// Source: Amazon SQS API reference, JSON protocol 1.0.
class QueueCalls {
public:
    /// `client` outlives this.
    QueueCalls(aws::AwsClient& client, Pacing pacing) : client_(client), pacing_(pacing) {}

    /// Up to `count` (1..10) messages, which nobody else sees for `hidden`. Waits for the first up
    /// to `wait` (0..20 s). Errors: bus_unavailable (also when a body's checksum is wrong), those
    /// of AwsClient.
    [[nodiscard]] Result<std::vector<StoredMessage>> receive(std::string_view url, int count,
                                                             std::chrono::seconds wait,
                                                             std::chrono::seconds hidden);
    /// Repeat: sends a second copy.
    [[nodiscard]] std::vector<EntryFailure> send(std::string_view url,
                                                 const std::vector<OutgoingMessage>& messages);
    [[nodiscard]] std::vector<EntryFailure> remove(std::string_view url,
                                                   const std::vector<std::string>& handles);
    /// Makes received messages visible again after `rest`.
    [[nodiscard]] std::vector<EntryFailure> release(std::string_view url,
                                                    const std::vector<std::string>& handles,
                                                    std::chrono::seconds rest);
    /// About how many messages are visible; up to a minute out of date.
    [[nodiscard]] Result<std::int64_t> visible_count(std::string_view url);

private:
    [[nodiscard]] Result<JsonDocument> call(std::string_view action, std::string body,
                                            std::chrono::milliseconds timeout);

    aws::AwsClient& client_;
    const Pacing pacing_;
};

}  // namespace sqs
}  // namespace souk
