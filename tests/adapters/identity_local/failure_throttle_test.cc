#include "adapters/identity_local/failure_throttle.h"

#include <gtest/gtest.h>

#include <chrono>

#include "domain/base/text.h"

namespace souk {

constexpr Instant start = Instant::from_unix_ms(1'000'000);

TEST(FailureThrottle, CountsTriesInASlidingMinute) {
    FailureThrottle throttle(2);
    EXPECT_TRUE(throttle.admit("ann", start));
    EXPECT_TRUE(throttle.admit("ann", start + std::chrono::seconds(30)));
    const auto third = throttle.admit("ann", start + std::chrono::seconds(40));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, errors::rate_limited);
    EXPECT_EQ(third.error().members.at(0),
              std::pair(std::string("retry_after"), std::string("20")));
    EXPECT_TRUE(throttle.admit("ann", start + std::chrono::seconds(60)));
    EXPECT_FALSE(throttle.admit("ann", start + std::chrono::seconds(60)));
}

TEST(FailureThrottle, CountsEachNameForItself) {
    FailureThrottle throttle(1);
    EXPECT_TRUE(throttle.admit("ann", start));
    EXPECT_TRUE(throttle.admit("bob", start));
}

TEST(FailureThrottle, ForgivesOneTry) {
    FailureThrottle throttle(2);
    EXPECT_TRUE(throttle.admit("ann", start));
    EXPECT_TRUE(throttle.admit("ann", start));
    throttle.forgive("ann", start);
    EXPECT_TRUE(throttle.admit("ann", start));
    EXPECT_FALSE(throttle.admit("ann", start));
}

TEST(FailureThrottle, ForgivesNothingTwice) {
    FailureThrottle throttle(1);
    throttle.forgive("ann", start);
    EXPECT_TRUE(throttle.admit("ann", start));
    throttle.forgive("ann", start + std::chrono::seconds(1));
    EXPECT_FALSE(throttle.admit("ann", start));
}

// A flood of invented names must not make the throttle forget the one under attack.
TEST(FailureThrottle, AFloodOfOtherNamesForgetsNoRecentTry) {
    FailureThrottle throttle(1);
    EXPECT_TRUE(throttle.admit("ann", start));
    for (int i = 0; i < 5000; ++i) {
        EXPECT_TRUE(throttle.admit(cat("name ", i), start));
    }
    EXPECT_FALSE(throttle.admit("ann", start));
}

}  // namespace souk
