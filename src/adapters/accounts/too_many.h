#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "domain/base/error.h"

namespace souk {

/// The refusal of what an account may do only so often: rate_limited, "Too many {what} in N
/// seconds.", with the limit, its window and the wait as members for whoever answers with them.
[[nodiscard]] Error too_many(std::string_view what, std::size_t limit,
                             std::chrono::milliseconds window, std::chrono::milliseconds wait);

}  // namespace souk
