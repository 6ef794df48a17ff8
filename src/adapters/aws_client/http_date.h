#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "domain/base/instant.h"

namespace souk::aws {

/// The instant by the system's clock; nothing outside the years that it can tell, 1678 to 2261.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> on_system_clock(Instant instant);

/// Reads `Tue, 24 Nov 2026 02:07:00 GMT`; nothing where on_system_clock gives nothing.
/// Source: RFC 9110 section 5.6.7, IMF-fixdate.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_http_date(
    std::string_view text);

}  // namespace souk::aws
