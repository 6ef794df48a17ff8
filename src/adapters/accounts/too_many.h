#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/instant.h"

namespace souk {

/// How far ahead of each other the clocks of two processes may be.
inline constexpr std::chrono::minutes clock_skew_max{1};

/// Whether what happened at `at` counts as of the last `window`. What lies further ahead than
/// clocks differ was noted before the clock was set back; it would count until the clock is there
/// again.
[[nodiscard]] bool is_recent(Instant at, Instant now, std::chrono::milliseconds window);

/// The refusal of what an account may do only so often: rate_limited, "Too many {what} in N
/// seconds.", with the limit, its window and the wait as members for whoever answers with them.
[[nodiscard]] Error too_many(std::string_view what, std::size_t limit,
                             std::chrono::milliseconds window, std::chrono::milliseconds wait);

}  // namespace souk
