#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace souk::aws {

/// Reads `Tue, 24 Nov 2026 02:07:00 GMT`. Source: RFC 9110 section 5.6.7, IMF-fixdate.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> parse_http_date(
    std::string_view text);

}  // namespace souk::aws
