#include "adapters/identity_cognito/pool_claims.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view issuer = "https://idp.example/pool";
constexpr std::string_view client = "client";
constexpr std::string_view staff = "platform.user_01jb00000000000000000000bz.abcdefgh";
constexpr std::string_view customer =
    "store_01jb00000000000000000000az.user_01jb00000000000000000000bz.abcdefgh";

std::string payload(std::string_view name, std::string_view more = "") {
    return cat(R"({"iss":")", issuer, R"(","client_id":")", client,
               R"(","token_use":"access","iat":1000,"exp":1900,"username":")", name, "\"", more,
               "}");
}
bool is_admin(std::string_view name, std::string_view groups) {
    const auto said =
        parse_pool_claims(payload(name, cat(R"(,"cognito:groups":)", groups)), issuer, client);
    EXPECT_TRUE(said);
    return said && said->platform_admin;
}

}  // namespace

TEST(PoolClaims, SayWhoAndHowLong) {
    const auto said = parse_pool_claims(payload(customer), issuer, client);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->name, customer);
    EXPECT_EQ(said->who.realm.store->text(), "store_01JB00000000000000000000AZ");
    EXPECT_EQ(said->who.user.text(), "user_01JB00000000000000000000BZ");
    EXPECT_EQ(said->expires, Instant::from_unix_ms(1'900'000));
    EXPECT_EQ(said->life, std::chrono::seconds(900));
    EXPECT_FALSE(said->platform_admin);
}

TEST(PoolClaims, KnowTheAdministratorsGroupHoweverItIsWritten) {
    for (const char* groups :
         {R"(["platform-admin"])", R"(["a","platform-admin","b"])", R"("[platform-admin]")",
          R"("[a platform-admin b]")", R"("platform-admin")"}) {
        EXPECT_TRUE(is_admin(staff, groups)) << groups;
    }
    for (const char* groups :
         {"[]", R"("")", R"("[]")", R"(["platform-administrators"])", R"(["not platform-admin"])",
          R"("[x-platform-admin]")", "true", "{}", R"([["platform-admin"]])"}) {
        EXPECT_FALSE(is_admin(staff, groups)) << groups;
    }
}

TEST(PoolClaims, MakeNoAdministratorOfACustomer) {
    EXPECT_FALSE(is_admin(customer, R"(["platform-admin"])"));
}

TEST(PoolClaims, OfAnotherIssuerClientOrUseAreNone) {
    EXPECT_TRUE(parse_pool_claims(payload(customer), issuer, client));
    EXPECT_FALSE(parse_pool_claims(payload(customer), "https://idp.example/other", client));
    EXPECT_FALSE(parse_pool_claims(payload(customer), issuer, "other"));
    std::string id_token = payload(customer);
    id_token.replace(id_token.find("access"), 6, "id");
    EXPECT_FALSE(parse_pool_claims(id_token, issuer, client));
}

TEST(PoolClaims, WithoutANameOfOursOrTimesAreNone) {
    EXPECT_FALSE(parse_pool_claims(payload("ann"), issuer, client));
    for (const auto& [from, to] :
         {std::pair("\"exp\":1900", "\"exp\":\"1900\""), std::pair("\"exp\":1900", "\"exp\":999"),
          std::pair("\"exp\":1900", "\"exp\":9223372036854775807"),
          std::pair("\"iat\":1000", "\"iat\":-1"), std::pair("\"iat\":1000", "\"nbf\":1000")}) {
        std::string text = payload(customer);
        text.replace(text.find(from), std::string_view(from).size(), to);
        EXPECT_FALSE(parse_pool_claims(text, issuer, client)) << text;
    }
    for (const char* text : {"", "[]", "null", "{", "{}"}) {
        EXPECT_FALSE(parse_pool_claims(text, issuer, client)) << text;
    }
}

}  // namespace souk
