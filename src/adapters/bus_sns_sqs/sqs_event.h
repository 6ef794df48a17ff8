#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "domain/base/error.h"
#include "domain/ports/message_bus.h"
#include "domain/ports/telemetry.h"

/// Messages that Lambda has received for us.
namespace souk {

/// One message of a batch, as Lambda hands it over.
struct SqsRecord {
    std::string id;      // What a failure is reported by.
    std::string arn;     // Its queue's.
    std::string handle;  // SQS's.
    std::string body;
    std::string body_md5;
    int delivery = 1;
};

/// Shape: the event of Lambda's event source mapping for SQS.
/// Errors: malformed_json, validation_failed.
[[nodiscard]] Result<std::vector<SqsRecord>> parse_sqs_event(std::string_view event_json);

/// A message is not begun when the invocation ends sooner than this; it comes again instead.
inline constexpr std::chrono::milliseconds reaction_time_min{1'500};

/// Lets the reactions act on every message of the batch, also after one that failed, and settles
/// those that did not succeed: what can be tried again rests for its backoff, what cannot, or has
/// failed deliveries_max times, goes to the dead letters with its reason. Answers what of the batch
/// Lambda must leave in its queue. `workers` messages (1 or more) at a time are acted on, each in a
/// thread of its own if it is more than one; then reactions must be safe from any thread.
/// Shape: batch_failures of the message ids. Errors: those of parse_sqs_event, which repeat the
/// whole batch.
[[nodiscard]] Result<std::string> consume_batch(std::string_view event_json,
                                                const std::vector<Reaction>& reactions, SqsBus& bus,
                                                Telemetry& telemetry, std::size_t workers = 1);

}  // namespace souk
