#pragma once

#include <chrono>
#include <string_view>

namespace souk::sqs {

/// domain/ports/retry_delay.h in whole seconds, which is all SQS knows, rounded up. `handle`, which
/// differs from message to message, is the chance in it.
[[nodiscard]] std::chrono::seconds backoff(int deliveries, std::string_view handle);

}  // namespace souk::sqs
