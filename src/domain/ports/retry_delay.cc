#include "domain/ports/retry_delay.h"

#include <algorithm>

namespace souk {

namespace {

/// Spreads neighbouring numbers. Source: splitmix64.
std::uint64_t spread(std::uint64_t number) {
    number += 0x9E3779B97F4A7C15ULL;
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9ULL;
    number = (number ^ number >> 27) * 0x94D049BB133111EBULL;
    return number ^ number >> 31;
}

}  // namespace

std::chrono::milliseconds retry_delay(int deliveries, std::uint64_t chance) {
    auto whole = retry_delay_first;
    for (int i = 1; i < deliveries && whole < retry_delay_max; ++i) {
        whole *= retry_delay_growth;
    }
    whole = std::min(whole, retry_delay_max);
    const auto half = static_cast<std::uint64_t>(whole.count() / 2);
    const std::uint64_t kept = half + spread(chance) % (half + 1);
    return std::chrono::milliseconds(static_cast<std::int64_t>(kept));
}

}  // namespace souk
