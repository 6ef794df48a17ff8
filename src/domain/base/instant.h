#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// A moment in UTC, to the millisecond.
/// Units: milliseconds since 1970-01-01T00:00:00Z.
class Instant {
public:
    constexpr Instant() = default;
    static constexpr Instant from_unix_ms(std::int64_t ms) { return Instant(ms); }

    [[nodiscard]] constexpr std::int64_t unix_ms() const { return ms_; }
    [[nodiscard]] constexpr std::int64_t unix_seconds() const { return ms_ / 1000; }

    friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
    friend constexpr Instant operator+(Instant i, std::chrono::milliseconds d) {
        return Instant(i.ms_ + d.count());
    }
    friend constexpr Instant operator-(Instant i, std::chrono::milliseconds d) {
        return Instant(i.ms_ - d.count());
    }
    friend constexpr std::chrono::milliseconds operator-(Instant a, Instant b) {
        return std::chrono::milliseconds(a.ms_ - b.ms_);
    }

private:
    constexpr explicit Instant(std::int64_t ms) : ms_(ms) {}
    std::int64_t ms_ = 0;
};

/// RFC 3339 in UTC with milliseconds: `2026-11-24T02:07:00.123Z`.
[[nodiscard]] std::string to_rfc3339(Instant instant);
/// Nothing for nothing.
[[nodiscard]] std::optional<std::string> to_rfc3339(std::optional<Instant> instant);
/// Reads RFC 3339 (any offset, optional fraction); nothing if malformed or outside 0001..9999.
[[nodiscard]] std::optional<Instant> from_rfc3339(std::string_view text);
/// RFC 9110 date: `Tue, 24 Nov 2026 02:07:00 GMT`.
[[nodiscard]] std::string to_http_date(Instant instant);

}  // namespace souk
