#include "adapters/aws_client/http_date.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "domain/base/text.h"

namespace souk::aws {

using Time = std::chrono::system_clock::time_point;

std::optional<Time> on_system_clock(Instant instant) {
    constexpr auto earliest = std::chrono::ceil<std::chrono::milliseconds>(Time::min());
    constexpr auto latest = std::chrono::floor<std::chrono::milliseconds>(Time::max());
    const std::chrono::milliseconds since(instant.unix_ms());
    if (since < earliest.time_since_epoch() || since > latest.time_since_epoch()) {
        return std::nullopt;
    }
    return Time(since);
}

std::optional<Time> parse_http_date(std::string_view text) {
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::size_t length = std::string_view("Tue, 24 Nov 2026 02:07:00 GMT").size();
    if (text.size() != length || !text.ends_with(" GMT")) {
        return std::nullopt;
    }
    const auto* const month = std::ranges::find(months, text.substr(8, 3));
    const auto number = static_cast<std::uint64_t>(month - months.begin()) + 1;
    // The thirteenth month, which is none of these, is refused there.
    const auto instant = from_rfc3339(cat(text.substr(12, 4), '-', zero_padded(number, 2), '-',
                                          text.substr(5, 2), 'T', text.substr(17, 8), 'Z'));
    return instant ? on_system_clock(*instant) : std::nullopt;
}

}  // namespace souk::aws
