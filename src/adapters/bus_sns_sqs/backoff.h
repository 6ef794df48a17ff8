#pragma once

#include <chrono>
#include <string_view>

namespace souk::sqs {

/// As on one machine. The first retry is soon, for what came a moment too early; all of them
/// together outlast a restart of a mail server.
inline constexpr std::chrono::seconds backoff_first{1};
inline constexpr int backoff_growth = 3;
inline constexpr std::chrono::seconds backoff_max{300};

/// How long a message rests after its `deliveries`-th failure: a delay that grows from
/// backoff_first up to backoff_max, of which half to all is kept, so that messages that failed
/// together come back apart. `handle`, which differs from message to message, picks the part. Unit:
/// whole seconds, which is all SQS knows.
[[nodiscard]] std::chrono::seconds backoff(int deliveries, std::string_view handle);

}  // namespace souk::sqs
