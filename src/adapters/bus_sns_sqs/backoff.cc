#include "adapters/bus_sns_sqs/backoff.h"

#include <algorithm>
#include <functional>

namespace souk::sqs {

std::chrono::seconds backoff(int deliveries, std::string_view handle) {
    auto whole = backoff_first;
    for (int failure = 1; failure < deliveries && whole < backoff_max; ++failure) {
        whole = std::min(whole * backoff_growth, backoff_max);
    }
    const auto half = (whole.count() + 1) / 2;
    const auto choices = static_cast<std::size_t>(whole.count() - half + 1);
    const std::size_t chance = std::hash<std::string_view>()(handle) % choices;
    return std::chrono::seconds(half + static_cast<std::chrono::seconds::rep>(chance));
}

}  // namespace souk::sqs
