#include "gateway/throttle.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk::gateway {
namespace {

const Instant noon = Instant::from_unix_ms(1'800'000'000'000);

TEST(ClientAt, IsAnIpv4AddressItself) {
    EXPECT_EQ(client_at("203.0.113.9"), "203.0.113.9");
    EXPECT_EQ(client_at("::ffff:203.0.113.9"), "::ffff:203.0.113.9");
    EXPECT_EQ(client_at(""), "");
}

TEST(ClientAt, IsTheNetworkOfAnIpv6Address) {
    struct Case {
        const char* peer;
        const char* network;
    };
    constexpr Case cases[] = {
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::6", "2001:db8:1:2::/64"},
        {"2001:db8::1:2:3:4", "2001:db8:0:0::/64"},
        {"2001:db8::2:3:4:5:6", "2001:db8:0:2::/64"},
        {"2001:db8::", "2001:db8:0:0::/64"},
        {"::1", "0:0:0:0::/64"},
        {"::", "0:0:0:0::/64"},
        {"::2:3:4:5:6:7:8", "0:2:3:4::/64"},
        {"1:2:3:4:5:6:7::", "1:2:3:4::/64"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(client_at(c.peer), c.network) << c.peer;
    }
}

TEST(ClientAt, LeavesWhatIsNoAddressAsItIs) {
    EXPECT_EQ(client_at("1:2:3:4:5:6:7:8:9"), "1:2:3:4:5:6:7:8:9");
    EXPECT_EQ(client_at("a::b:c:d:e:f:1:2:3"), "a::b:c:d:e:f:1:2:3");
}

TEST(Throttle, LetsABurstPassAndThenTheRate) {
    Throttle throttle({.per_second = 2, .burst = 3});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(throttle.take("a", noon).allowed);
    }
    EXPECT_FALSE(throttle.take("a", noon).allowed);
    EXPECT_TRUE(throttle.take("b", noon).allowed);
    EXPECT_TRUE(throttle.take("a", noon + std::chrono::milliseconds(500)).allowed);
    EXPECT_FALSE(throttle.take("a", noon + std::chrono::milliseconds(500)).allowed);
}

// The bug: what "came back" in the minute that never was counted as spent, and nobody was let in.
TEST(Throttle, LocksNobodyOutWhenTheClockIsSetBack) {
    Throttle throttle({.per_second = 2, .burst = 3});
    EXPECT_TRUE(throttle.take("a", noon).allowed);
    const Instant before_noon = noon - std::chrono::minutes(1);
    EXPECT_EQ(throttle.take("a", before_noon).remaining, 1);
    EXPECT_EQ(throttle.take("a", before_noon).remaining, 0);
    EXPECT_FALSE(throttle.take("a", before_noon).allowed);
    EXPECT_TRUE(throttle.take("a", before_noon + std::chrono::milliseconds(500)).allowed);
}

// The bug: RateLimit said t=0, "at once", to whoever had just spent the last token.
TEST(Throttle, TellsWhenThereIsMore) {
    Throttle throttle({.per_second = 1, .burst = 2});
    EXPECT_EQ(throttle.take("a", noon).retry_after_s, 0);
    EXPECT_EQ(throttle.take("a", noon).retry_after_s, 1);
    EXPECT_EQ(throttle.standing("a", noon).retry_after_s, 1);
    EXPECT_EQ(throttle.standing("a", noon + std::chrono::seconds(1)).retry_after_s, 0);
}

TEST(Throttle, TellsHowOneStandsWithoutTakingAnything) {
    Throttle throttle({.per_second = 1, .burst = 3});
    EXPECT_EQ(throttle.standing("a", noon).remaining, 3);
    EXPECT_EQ(throttle.size(), 0U);
    EXPECT_EQ(throttle.take("a", noon).remaining, 2);
    EXPECT_EQ(throttle.standing("a", noon).remaining, 2);
    EXPECT_EQ(throttle.standing("a", noon + std::chrono::seconds(1)).remaining, 3);
    EXPECT_TRUE(throttle.standing("a", noon).allowed);
    EXPECT_EQ(Throttle({.per_second = 0, .burst = 3}).standing("a", noon).remaining, 0);
}

TEST(Throttle, IsNotMadeToForgetWhoHasUsedUpItsTokensByAFloodOfNames) {
    Throttle throttle({.per_second = 1, .burst = 5});
    while (throttle.take("guesser", noon).allowed) {
    }
    const std::size_t names = Throttle::buckets_max * 16 * 4;
    for (std::size_t i = 0; i < names; ++i) {
        throttle.take(cat("name ", i), noon);
    }
    EXPECT_FALSE(throttle.take("guesser", noon).allowed);
}

TEST(Throttle, KeepsNoMoreBucketsThanItsBound) {
    Throttle throttle({.per_second = 1, .burst = 1});
    for (std::size_t i = 0; i < Throttle::buckets_max * 16 * 3; ++i) {
        throttle.take(cat("name ", i), noon);
    }
    EXPECT_LE(throttle.size(), Throttle::buckets_max * 16);
}

}  // namespace
}  // namespace souk::gateway
