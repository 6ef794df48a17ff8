#include "domain/base/instant.h"

#include <array>

#include "domain/base/text.h"

namespace souk {

namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Instant first_instant = Instant::from_unix_ms(-62'135'596'800'000);  // 0001-01-01
constexpr Instant last_instant = Instant::from_unix_ms(253'402'300'799'999);   // 9999-12-31

struct Parts {
    year_month_day date;
    int hour, minute, second, millisecond;
    unsigned weekday;
};

Parts parts_of(Instant instant) {
    const std::chrono::sys_time<std::chrono::milliseconds> time{
        std::chrono::milliseconds(instant.unix_ms())};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const auto rest = static_cast<int>((time - day).count());
    return {year_month_day(day), rest / 3'600'000, rest / 60'000 % 60,
            rest / 1'000 % 60,   rest % 1'000,     std::chrono::weekday(day).c_encoding()};
}

std::string padded(int number, int width) {
    return zero_padded(static_cast<std::uint64_t>(number), width);
}

/// Reads exactly `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) {
        return -1;
    }
    int number = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

}  // namespace

std::string to_rfc3339(Instant instant) {
    const Parts p = parts_of(instant);
    return cat(padded(static_cast<int>(p.date.year()), 4), '-',
               padded(static_cast<int>(static_cast<unsigned>(p.date.month())), 2), '-',
               padded(static_cast<int>(static_cast<unsigned>(p.date.day())), 2), 'T',
               padded(p.hour, 2), ':', padded(p.minute, 2), ':', padded(p.second, 2), '.',
               padded(p.millisecond, 3), 'Z');
}

std::optional<std::string> to_rfc3339(std::optional<Instant> instant) {
    return instant ? std::optional(to_rfc3339(*instant)) : std::nullopt;
}

std::optional<Instant> from_rfc3339(std::string_view text) {
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    if (year < 1 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 || hour > 23 ||
        minute > 59 || second > 59 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const year_month_day date{std::chrono::year(year),
                              std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) {
        return std::nullopt;
    }
    std::size_t at = 19;
    int ms = 0;
    if (at < text.size() && text[at] == '.') {
        int scale = 100;
        const std::size_t first = ++at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            ms += (text[at] - '0') * scale;
            scale /= 10;
        }
        if (at == first) {
            return std::nullopt;
        }
    }
    int offset_minutes = 0;
    if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) {
        offset_minutes = 0;
    } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') &&
               text[at + 3] == ':') {
        const int hours = digits(text, at + 1, 2);
        const int minutes = digits(text, at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return std::nullopt;
        }
        offset_minutes = (hours * 60 + minutes) * (text[at] == '+' ? 1 : -1);
    } else {
        return std::nullopt;
    }
    const std::int64_t days = sys_days(date).time_since_epoch().count();
    const std::int64_t seconds =
        days * 86'400 + hour * 3'600LL + (minute - offset_minutes) * 60LL + second;
    const Instant instant = Instant::from_unix_ms(seconds * 1'000 + ms);
    // The offset may have carried it out of the years that RFC 3339 can say.
    return instant < first_instant || instant > last_instant ? std::nullopt
                                                             : std::optional(instant);
}

std::string to_http_date(Instant instant) {
    static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Parts p = parts_of(instant);
    return cat(days[p.weekday], ", ",
               padded(static_cast<int>(static_cast<unsigned>(p.date.day())), 2), ' ',
               months[static_cast<unsigned>(p.date.month()) - 1], ' ',
               padded(static_cast<int>(p.date.year()), 4), ' ', padded(p.hour, 2), ':',
               padded(p.minute, 2), ':', padded(p.second, 2), " GMT");
}

}  // namespace souk
