#include "adapters/jwt/verified_tokens.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

constexpr Instant now = Instant::from_unix_ms(1'000'000);

namespace {
TokenClaims claims(Instant expires = now + access_token_life) {
    return {.user = UserId::trusted("user_01J00000000000000000000000"),
            .realm = {},
            .email = "ann@example.com",
            .platform_admin = false,
            .expires = expires};
}
}  // namespace

TEST(VerifiedTokens, GivesBackWhatWasAdded) {
    VerifiedTokens tokens(10);
    tokens.add("digest", claims());
    ASSERT_TRUE(tokens.find("digest", now));
    EXPECT_EQ(tokens.find("digest", now)->email, "ann@example.com");
    EXPECT_FALSE(tokens.find("other", now));
}

TEST(VerifiedTokens, ForgetsWhatExpired) {
    VerifiedTokens tokens(10);
    tokens.add("digest", claims());
    EXPECT_FALSE(tokens.find("digest", now + access_token_life));
    EXPECT_EQ(tokens.size(), 0U);
}

TEST(VerifiedTokens, ForgetsWhatExpiredInTheOlderHalfToo) {
    VerifiedTokens tokens(10);
    tokens.add("digest", claims());
    for (int i = 0; i < 10; ++i) {
        tokens.add(cat("digest ", i), claims());
    }
    ASSERT_EQ(tokens.size(), 11U);  // The first ten are the older half by now.
    EXPECT_FALSE(tokens.find("digest", now + access_token_life));
}

TEST(VerifiedTokens, HoldsAtMostTwoHalves) {
    VerifiedTokens tokens(10);
    for (int i = 0; i < 1000; ++i) {
        tokens.add(cat("digest ", i), claims());
        EXPECT_LE(tokens.size(), 20U);
    }
    EXPECT_TRUE(tokens.find("digest 999", now));
    EXPECT_FALSE(tokens.find("digest 0", now));
}

TEST(VerifiedTokens, KeepsWhatIsAskedFor) {
    VerifiedTokens tokens(10);
    tokens.add("wanted", claims());
    for (int i = 0; i < 1000; ++i) {
        tokens.add(cat("digest ", i), claims());
        EXPECT_TRUE(tokens.find("wanted", now));
    }
}

}  // namespace souk
