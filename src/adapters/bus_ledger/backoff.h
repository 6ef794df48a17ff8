#pragma once

#include <chrono>
#include <cstdint>

namespace souk::bus {

/// Units: milliseconds.
inline constexpr std::chrono::milliseconds backoff_first{1'000};
inline constexpr std::chrono::milliseconds backoff_max{60'000};

/// How long a message rests after its `deliveries`-th failure: a delay that doubles from
/// backoff_first up to backoff_max, of which half to all is kept, so that messages that failed
/// together come back apart. `chance` picks the part: any number that differs from message to
/// message.
[[nodiscard]] std::chrono::milliseconds backoff(int deliveries, std::uint64_t chance);

}  // namespace souk::bus
