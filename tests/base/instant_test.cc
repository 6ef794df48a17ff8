#include "domain/base/instant.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace souk {
namespace {

constexpr std::int64_t first_ms = -62'135'596'800'000;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_ms = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

RC_GTEST_PROP(Instant, SurvivesRfc3339, ()) {
    const auto instant =
        Instant::from_unix_ms(*rc::gen::inRange<std::int64_t>(first_ms, last_ms + 1));
    RC_ASSERT(from_rfc3339(to_rfc3339(instant)) == instant);
}

RC_GTEST_PROP(Instant, SortsAsItsText, ()) {
    const auto a = Instant::from_unix_ms(*rc::gen::inRange<std::int64_t>(first_ms, last_ms + 1));
    const auto b = Instant::from_unix_ms(*rc::gen::inRange<std::int64_t>(first_ms, last_ms + 1));
    RC_ASSERT((a < b) == (to_rfc3339(a) < to_rfc3339(b)));
}

TEST(Rfc3339, WritesMillisecondsInUtc) {
    EXPECT_EQ(to_rfc3339(Instant::from_unix_ms(1'795'486'020'123)), "2026-11-24T02:07:00.123Z");
    EXPECT_EQ(to_rfc3339(Instant{}), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(Instant::from_unix_ms(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(Instant::from_unix_ms(first_ms)), "0001-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(Instant::from_unix_ms(last_ms)), "9999-12-31T23:59:59.999Z");
}

TEST(Rfc3339, ReadsOffsetsAndFractions) {
    const Instant expected = Instant::from_unix_ms(1'795'486'020'000);
    for (const char* text : {"2026-11-24T02:07:00Z", "2026-11-24t02:07:00z",
                             "2026-11-24T03:37:00+01:30", "2026-11-23T21:07:00-05:00",
                             "2026-11-24T02:07:00.0000009Z", "2026-11-24T02:07:00-00:00"}) {
        EXPECT_EQ(from_rfc3339(text), expected) << text;
    }
    EXPECT_EQ(from_rfc3339("2026-11-24T02:07:00.5Z"), expected + std::chrono::milliseconds(500));
    EXPECT_TRUE(from_rfc3339("2028-02-29T00:00:00Z"));
}

TEST(Rfc3339, RefusesWhatIsNoDateOrTime) {
    for (const char* text : {"",
                             "2026",
                             "2026-11-24",
                             "2026-11-24T02:07Z",
                             "2026-11-24T02:07:00",
                             "2026-11-24 02:07:00Z",
                             "2026-11-24T02:07:00.Z",
                             "2026-11-24T02:07:00Zx",
                             "2026-11-24T02:07:00+1:00",
                             "2026-11-24T02:07:00+24:00",
                             "2026-11-24T02:07:00+01:60",
                             "2026-11-24T24:00:00Z",
                             "2026-11-24T23:60:00Z",
                             "2026-11-24T23:59:60Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-02-29T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "0000-01-01T00:00:00Z",
                             "2026/11/24T02:07:00Z",
                             "+026-11-24T02:07:00Z",
                             "2026-1 -24T02:07:00Z"}) {
        EXPECT_FALSE(from_rfc3339(text)) << text;
    }
}

TEST(Rfc3339, RefusesAnOffsetThatLeavesTheYearsItCanSay) {
    EXPECT_FALSE(from_rfc3339("9999-12-31T23:59:59-00:01"));
    EXPECT_FALSE(from_rfc3339("0001-01-01T00:00:00+00:01"));
    EXPECT_TRUE(from_rfc3339("9999-12-31T23:59:59+00:01"));
}

TEST(HttpDate, IsAsRfc9110WritesIt) {
    EXPECT_EQ(to_http_date(Instant::from_unix_ms(784'111'777'000)),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(to_http_date(Instant::from_unix_ms(1'795'486'020'123)),
              "Tue, 24 Nov 2026 02:07:00 GMT");
}

TEST(Instant, CountsInMilliseconds) {
    using std::chrono::hours;
    using std::chrono::milliseconds;
    const Instant start = Instant::from_unix_ms(5'000);
    EXPECT_EQ((start + hours(1)).unix_ms(), 3'605'000);
    EXPECT_EQ((start - milliseconds(1)).unix_ms(), 4'999);
    EXPECT_EQ((start + hours(1)) - start, milliseconds(3'600'000));
    EXPECT_EQ(start.unix_seconds(), 5);
}

}  // namespace
}  // namespace souk
