#include "adapters/jwt/compact_token.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

namespace {
std::string token(std::string_view header) {
    return cat(to_base64url(header), '.', to_base64url("{}"), '.', to_base64url("signature"));
}
}  // namespace

TEST(CompactToken, IsTakenApart) {
    const std::string text = token(R"({"alg":"RS256","typ":"JWT","kid":"k"})");
    const auto parsed = parse_compact_token(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->key_id, "k");
    EXPECT_EQ(parsed->payload, "{}");
    EXPECT_EQ(parsed->signature, "signature");
    EXPECT_EQ(parsed->message, text.substr(0, text.rfind('.')));
}

TEST(CompactToken, SaysNothingOfItsKeyButTheId) {
    for (const char* header :
         {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})", "{}", "[]", "null", "",
          R"({"alg":"RS256","jwk":{}})", R"({"alg":"RS256","x5u":"https://evil.example"})",
          R"({"alg":"RS256","crit":["b64"]})", R"({"alg":"RS256","kid":7})",
          R"({"alg":"RS256","typ":"at+jwt"})"}) {
        EXPECT_FALSE(parse_compact_token(token(header))) << header;
    }
}

TEST(CompactToken, HasThreePartsOfBase64url) {
    const std::string good = token(R"({"alg":"RS256"})");
    EXPECT_TRUE(parse_compact_token(good));
    for (const std::string& text : {std::string(), std::string("a"), std::string(".."), good + ".x",
                                    good.substr(0, good.rfind('.')), "." + good, good + "=",
                                    good.substr(0, good.rfind('.') + 1)}) {
        EXPECT_FALSE(parse_compact_token(text)) << text;
    }
}

TEST(CompactToken, IsNotReadBeyondItsLimit) {
    const std::string head = cat(to_base64url(R"({"alg":"RS256"})"), ".e30.");
    EXPECT_TRUE(parse_compact_token(head + std::string(token_bytes_max - head.size(), 'A')));
    EXPECT_FALSE(parse_compact_token(head + std::string(token_bytes_max - head.size() + 4, 'A')));
}

}  // namespace souk
