#pragma once

#include <chrono>
#include <cstdint>

namespace souk {

/// Units: milliseconds; times. The first retry is soon, for what came a moment too early; all of
/// them together outlast a restart of a mail server (over half a minute).
inline constexpr std::chrono::milliseconds retry_delay_first{1'000};
inline constexpr int retry_delay_growth = 3;
inline constexpr std::chrono::milliseconds retry_delay_max{300'000};

/// How long every MessageBus lets a message rest after its `deliveries`-th failure: a delay that
/// grows from retry_delay_first up to retry_delay_max, of which half to all is kept, so that
/// messages that failed together come back apart. `chance` picks the part: any number that differs
/// from message to message.
[[nodiscard]] std::chrono::milliseconds retry_delay(int deliveries, std::uint64_t chance);

}  // namespace souk
