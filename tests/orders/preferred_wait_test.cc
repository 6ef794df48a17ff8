#include "domain/orders/preferred_wait.h"

#include <gtest/gtest.h>

namespace souk::orders {
namespace {

using namespace std::chrono_literals;

TEST(PreferredWait, IsCapped) {
    EXPECT_EQ(wait_max, 20s);
    EXPECT_EQ(preferred_wait("wait=1"), 1s);
    EXPECT_EQ(preferred_wait("wait=19"), 19s);
    EXPECT_EQ(preferred_wait("wait=20"), wait_max);
    EXPECT_EQ(preferred_wait("wait=21"), wait_max);
    EXPECT_EQ(preferred_wait("wait=60"), wait_max);
    EXPECT_EQ(preferred_wait("wait=9223372036854775807"), wait_max);
}

TEST(PreferredWait, IsNoneOfWhatIsNoNumberOfSeconds) {
    for (const char* prefer :
         {"", "wait", "wait=", "wait=0", "wait=-1", "wait=-9223372036854775808", "wait=x",
          "wait=1x", "wait=1.5", "wait=1e3", "wait=9223372036854775808",
          "wait=99999999999999999999999", "respond-async", "await=5", "wait:5", ",;="}) {
        EXPECT_EQ(preferred_wait(prefer), std::nullopt) << prefer;
    }
}

TEST(PreferredWait, IsFoundAmongOtherPreferences) {
    for (const char* prefer :
         {"wait=5", "WAIT=5", " wait = 5 ", "wait=\"5\"", "wait=5; x=y", "respond-async, wait=5",
          "respond-async;wait=7,wait=5", "wait=5,wait=6", "wait=x, wait=5"}) {
        EXPECT_EQ(preferred_wait(prefer), 5s) << prefer;
    }
}

}  // namespace
}  // namespace souk::orders
