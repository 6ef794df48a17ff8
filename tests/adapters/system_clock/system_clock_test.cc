#include "adapters/system_clock/system_clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace souk {

TEST(SystemClock, TellsTheTimeOfTheMachine) {
    const std::time_t before = std::time(nullptr);
    const Instant now = SystemClock().now();
    const std::time_t after = std::time(nullptr);
    // time() may still stand at the second before while the precise clock has moved on.
    EXPECT_GE(now.unix_seconds(), before);
    EXPECT_LE(now.unix_seconds(), after + 1);
}

}  // namespace souk
