#include "domain/ports/retry_delay.h"

#include <gtest/gtest.h>

#include <set>

namespace souk {
namespace {

TEST(RetryDelay, GrowsThreefoldFromOneSecondUpToFiveMinutes) {
    const std::int64_t wholes[] = {1000, 3000, 9000, 27'000, 81'000, 243'000, 300'000};
    for (int i = 0; i < 7; ++i) {
        for (std::uint64_t chance = 0; chance < 200; ++chance) {
            const auto rest = retry_delay(i + 1, chance).count();
            EXPECT_GE(rest, wholes[i] / 2);
            EXPECT_LE(rest, wholes[i]);
        }
    }
    EXPECT_LE(retry_delay(1'000'000, 1), retry_delay_max);
}

TEST(RetryDelay, SpreadsMessagesThatFailedTogether) {
    std::set<std::chrono::milliseconds> rests;
    for (std::uint64_t sequence = 0; sequence < 100; ++sequence) {
        rests.insert(retry_delay(4, sequence));
    }
    EXPECT_GT(rests.size(), 90U);
}

}  // namespace
}  // namespace souk
