#include "adapters/identity_local/access_tokens.h"

#include "adapters/identity_local/local_home.h"
#include "domain/base/json.h"

namespace souk::contract {

namespace {

class AccessTokensTest : public testing::Test {
protected:
    JsonDocument part(const std::string& token, std::size_t number) {
        return must(JsonDocument::parse(*from_base64url(split(token, '.')[number])));
    }
    Account account(bool admin = false) {
        return {.user = UserId::trusted("user_01J00000000000000000000000"),
                .email = "ann@example.com",
                .name = "Ann",
                .platform_admin = admin,
                .created_at = environment_.clock.now()};
    }

    TestEnvironment environment_;
    KeyDirectory directory_;
    AccessTokens tokens_{must(SigningKeys::open(directory_.path(), environment_.environment())),
                         environment_.environment(), "https://shop.example", "souk"};
    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
};

}  // namespace

TEST_F(AccessTokensTest, HeaderNamesTheKeyAndRs256) {
    const JsonDocument header = part(tokens_.issue(store_, account()), 0);
    EXPECT_EQ(header.root()["alg"].string(), "RS256");
    EXPECT_EQ(header.root()["typ"].string(), "JWT");
    EXPECT_EQ(header.root()["kid"].string(), tokens_.keys().current().id);
    EXPECT_EQ(header.root().size(), 3U);
}

TEST_F(AccessTokensTest, ClaimsSayWhoWhereAndHowLong) {
    const JsonDocument claims = part(tokens_.issue(store_, account()), 1);
    const JsonView root = claims.root();
    const std::int64_t now = environment_.clock.now().unix_seconds();
    EXPECT_EQ(root["iss"].string(), "https://shop.example");
    EXPECT_EQ(root["aud"].string(), "souk");
    EXPECT_EQ(root["sub"].string(), "user_01J00000000000000000000000");
    EXPECT_EQ(root["token_use"].string(), "access");
    EXPECT_EQ(root["email"].string(), "ann@example.com");
    EXPECT_EQ(root["store"].string(), "store_01J0000000000000000000000A");
    EXPECT_FALSE(root["platform_admin"].present());
    EXPECT_EQ(root["iat"].integer(), now);
    EXPECT_EQ(root["exp"].integer(), now + 900);
    EXPECT_EQ(root["jti"].text_or().size(), 32U);
}

TEST_F(AccessTokensTest, StaffHaveNoStoreAndAdministratorsSaySo) {
    const JsonDocument claims = part(tokens_.issue({}, account(true)), 1);
    EXPECT_FALSE(claims.root()["store"].present());
    EXPECT_EQ(claims.root()["platform_admin"].boolean(), true);
}

TEST_F(AccessTokensTest, NoTwoTokensAreTheSame) {
    EXPECT_NE(tokens_.issue(store_, account()), tokens_.issue(store_, account()));
}

TEST_F(AccessTokensTest, ATokenSignedBeforeARotationVerifiesUntilItExpires) {
    const std::string before = tokens_.issue(store_, account());
    must(tokens_.keys().rotate());
    EXPECT_EQ(outcome(tokens_.verify(before)), "ok");
    EXPECT_EQ(outcome(tokens_.verify(tokens_.issue(store_, account()))), "ok");
    environment_.clock.advance(std::chrono::seconds(899));
    EXPECT_EQ(outcome(tokens_.verify(before)), "ok");
    environment_.clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(outcome(tokens_.verify(before)), "invalid_token");
}

TEST_F(AccessTokensTest, AFirstLookAfterTheRotationFindsTheRetiredKeyToo) {
    const std::string before = tokens_.issue(store_, account());
    must(tokens_.keys().rotate());
    AccessTokens restarted(must(SigningKeys::open(directory_.path(), environment_.environment())),
                           environment_.environment(), "https://shop.example", "souk");
    EXPECT_EQ(outcome(restarted.verify(before)), "ok");
}

TEST_F(AccessTokensTest, EverySecondOfItsLifeIsCheckedAgainThoughItIsRemembered) {
    const std::string token = tokens_.issue(store_, account());
    for (int second = 0; second < 900; second += 100) {
        EXPECT_EQ(outcome(tokens_.verify(token)), "ok") << second;
        environment_.clock.advance(std::chrono::seconds(100));
    }
    EXPECT_EQ(outcome(tokens_.verify(token)), "invalid_token");
}

}  // namespace souk::contract
