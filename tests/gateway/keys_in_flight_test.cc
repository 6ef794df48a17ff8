#include "gateway/keys_in_flight.h"

#include <gtest/gtest.h>

namespace souk::gateway {
namespace {

TEST(KeysInFlight, AKeyIsTakenUntilItsFlightEnds) {
    KeysInFlight keys;
    const auto flight = keys.begin("a");
    ASSERT_TRUE(flight);
    EXPECT_FALSE(keys.begin("a"));
    EXPECT_TRUE(keys.begin("b"));
    flight->end();
    EXPECT_TRUE(keys.begin("a"));
}

TEST(KeysInFlight, WhenNobodyWaitsAnyMoreTheFlightIsOver) {
    KeysInFlight keys;
    auto flight = keys.begin("a");
    auto copy = flight;
    flight.reset();
    EXPECT_FALSE(keys.begin("a"));
    copy.reset();
    EXPECT_TRUE(keys.begin("a"));
}

TEST(KeysInFlight, AFlightThatIsOverEndsNoLaterOne) {
    KeysInFlight keys;
    auto first = keys.begin("a");
    first->end();
    const auto second = keys.begin("a");
    first.reset();
    EXPECT_FALSE(keys.begin("a"));
}

}  // namespace
}  // namespace souk::gateway
