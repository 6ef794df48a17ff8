#include "adapters/identity_local/forged_tokens.h"

#include <map>

#include "adapters/identity_local/local_home.h"
#include "domain/base/json.h"

namespace souk::contract {

namespace {

/// Tokens that differ in one thing from one that the identity accepts.
class ForgedTokens : public testing::Test {
protected:
    std::string_view verified(const std::string& token) {
        return outcome(home_.identity().verify(token));
    }
    [[nodiscard]] std::string token(const RawMembers& header, const RawMembers& payload) const {
        return signed_by(key_, message_of(render(header), render(payload)));
    }
    [[nodiscard]] std::string with_header(const std::string& name, const std::string& raw) const {
        return token(with(header_, name, raw), payload_);
    }
    [[nodiscard]] std::string with_claim(const std::string& name, const std::string& raw) const {
        return token(header_, with(payload_, name, raw));
    }
    [[nodiscard]] std::string at(int seconds) const { return cat(now_ + seconds); }
    void expect_all_refused(const std::map<std::string, std::string>& tokens) {
        ASSERT_EQ(verified(token(header_, payload_)), "ok") << "the forger's own model is wrong";
        for (const auto& [name, forged] : tokens) {
            EXPECT_EQ(verified(forged), "invalid_token") << name;
        }
    }

    LocalHome home_;
    key_files::Key key_ = key_in(home_.keys.path());
    std::string kid_ =
        must(JsonDocument::parse(home_.identity().jwks())).root()["keys"].at(0)["kid"].text_or();
    std::int64_t now_ = home_.now().unix_seconds();
    RawMembers header_{{"alg", "\"RS256\""}, {"typ", "\"JWT\""}, {"kid", json_quoted(kid_)}};
    RawMembers payload_{{"iss", json_quoted(LocalHome::issuer)},
                        {"aud", "\"souk\""},
                        {"sub", "\"user_01J00000000000000000000000\""},
                        {"token_use", "\"access\""},
                        {"email", "\"ann@example.com\""},
                        {"iat", cat(now_)},
                        {"exp", cat(now_ + 900)},
                        {"jti", "\"1\""}};
};

}  // namespace

TEST_F(ForgedTokens, AreRefusedForTheirAlgorithm) {
    const std::string payload = render(payload_);
    const auto message = [&](const char* algorithm) {
        return message_of(render(with(header_, "alg", algorithm)), payload);
    };
    const std::string none = message("\"none\"");
    const std::string valid = token(header_, payload_);
    const std::string public_pem = key_files::public_pem(key_);
    const std::string jwk =
        must(JsonDocument::parse(home_.identity().jwks())).root()["keys"].at(0)["n"].text_or();
    expect_all_refused(
        {{"none, no signature", none + "."},
         {"none, no last dot", none},
         {"none with a signature", signed_by(key_, none)},
         {"none with the signature of a valid token", none + valid.substr(valid.rfind('.'))},
         {"None", message("\"None\"") + "."},
         {"NONE", message("\"NONE\"") + "."},
         {"HS256 with the public PEM", signed_with_secret(public_pem, message("\"HS256\""))},
         {"HS256 with the modulus", signed_with_secret(*from_base64url(jwk), message("\"HS256\""))},
         {"HS256 with nothing", signed_with_secret("", message("\"HS256\""))},
         {"HS256 by RSA", signed_by(key_, message("\"HS256\""))},
         {"RS256 signed as HS256", signed_with_secret(public_pem, message("\"RS256\""))},
         {"RS512", signed_by(key_, message("\"RS512\""), Algorithm::rs512)},
         {"RS256 signed as RS512", signed_by(key_, message("\"RS256\""), Algorithm::rs512)},
         {"PS256", signed_by(key_, message("\"PS256\""), Algorithm::ps256)},
         {"RS256 signed as PS256", signed_by(key_, message("\"RS256\""), Algorithm::ps256)},
         {"ES256", signed_by(key_, message("\"ES256\""))},
         {"rs256", signed_by(key_, message("\"rs256\""))},
         {"a number", signed_by(key_, message("256"))},
         {"null", signed_by(key_, message("null"))},
         {"a list", signed_by(key_, message("[\"RS256\"]"))},
         {"no algorithm", with_header("alg", "")},
         {"two algorithms", signed_by(key_, message_of(R"({"alg":"none","alg":"RS256","kid":)" +
                                                           json_quoted(kid_) + "}",
                                                       payload))}});
}

TEST_F(ForgedTokens, AreRefusedForTheKeyTheyBringAlong) {
    const key_files::Key own = key_files::generate();
    const auto [n, e] = key_files::modulus_and_exponent(own);
    const std::string jwk = cat(R"({"kty":"RSA","n":")", n, R"(","e":")", e, "\"}");
    const std::string payload = render(payload_);
    const auto by_attacker = [&](const std::string& name, const std::string& raw) {
        return signed_by(own, message_of(render(with(header_, name, raw)), payload));
    };
    expect_all_refused(
        {{"signed by another key", signed_by(own, message_of(render(header_), payload))},
         {"jwk", by_attacker("jwk", jwk)},
         {"jwk on our own signature", with_header("jwk", jwk)},
         {"jku", by_attacker("jku", "\"https://evil.example/jwks.json\"")},
         {"jku on our own signature", with_header("jku", "\"https://evil.example/jwks.json\"")},
         {"x5u", with_header("x5u", "\"https://evil.example/cert.pem\"")},
         {"x5c", with_header("x5c", "[\"MIIB\"]")},
         {"x5t", with_header("x5t", "\"abc\"")},
         {"crit", with_header("crit", "[\"exp\"]")},
         {"b64", with_header("b64", "false")},
         {"zip", with_header("zip", "\"DEF\"")},
         {"cty", with_header("cty", "\"JWT\"")},
         {"unknown kid", with_header("kid", "\"unknown\"")},
         {"empty kid", with_header("kid", "\"\"")},
         {"kid as a path", with_header("kid", "\"../../../../dev/null\"")},
         {"kid as a number", with_header("kid", "1")},
         {"no kid", with_header("kid", "")},
         {"another type", with_header("typ", "\"JWE\"")}});
}

TEST_F(ForgedTokens, AreRefusedForTheirClaims) {
    expect_all_refused(
        {{"another issuer", with_claim("iss", "\"https://evil.example\"")},
         {"issuer with a slash more", with_claim("iss", "\"http://localhost:8080/\"")},
         {"no issuer", with_claim("iss", "")},
         {"another audience", with_claim("aud", "\"other\"")},
         {"a list of audiences", with_claim("aud", R"(["souk"])")},
         {"no audience", with_claim("aud", "")},
         {"an id token", with_claim("token_use", "\"id\"")},
         {"a refresh token", with_claim("token_use", "\"refresh\"")},
         {"no use", with_claim("token_use", "")},
         {"no subject", with_claim("sub", "")},
         {"subject that is no user", with_claim("sub", "\"order_01J00000000000000000000000\"")},
         {"no e-mail", with_claim("email", "")},
         {"store that is no store", with_claim("store", "\"user_01J00000000000000000000000\"")},
         {"null store", with_claim("store", "null")},
         {"expired now", with_claim("exp", at(0))},
         {"expired long ago", with_claim("exp", "1")},
         {"negative expiry", with_claim("exp", "-1")},
         {"endless", with_claim("exp", "9223372036854775807")},
         {"longer than any of ours", with_claim("exp", at(961))},
         {"expiry as text", with_claim("exp", cat("\"", at(900), "\""))},
         {"expiry as a float", with_claim("exp", cat(at(900), ".5"))},
         {"no expiry", with_claim("exp", "")},
         {"no issue time", with_claim("iat", "")},
         {"issued in the future", with_claim("iat", at(61))},
         {"not yet valid", with_claim("nbf", at(61))},
         {"not before some text", with_claim("nbf", "\"soon\"")}});
}

TEST_F(ForgedTokens, ClocksMayDifferByAMinute) {
    EXPECT_EQ(verified(with_claim("iat", at(60))), "ok");
    EXPECT_EQ(verified(with_claim("nbf", at(60))), "ok");
}

TEST_F(ForgedTokens, AreRefusedForTheirShape) {
    const std::string valid = token(header_, payload_);
    const auto first = valid.find('.');
    const auto last = valid.rfind('.');
    const std::string header = valid.substr(0, first);
    const std::string payload = valid.substr(first + 1, last - first - 1);
    const std::string signature = valid.substr(last + 1);
    // The last digit of a 256-byte signature carries four unused bits: a sloppy decoder takes 16
    // spellings.
    std::string other_spelling = valid;
    other_spelling.back() = valid.back() == 'A' ? 'B' : static_cast<char>(valid.back() + 1);
    const auto raw = [&](std::string_view h, std::string_view p) {
        return signed_by(key_, message_of(h, p));
    };
    expect_all_refused(
        {{"empty", ""},
         {"dots", ".."},
         {"one part", header},
         {"two parts", header + "." + payload},
         {"four parts", valid + "." + signature},
         {"a dot more", valid + "."},
         {"a dot before", "." + valid},
         {"five parts (JWE)", valid + ".." + signature},
         {"empty header", "." + payload + "." + signature},
         {"empty payload", header + ".." + signature},
         {"empty signature", header + "." + payload + "."},
         {"padded", valid + "=="},
         {"another spelling of the signature", other_spelling},
         {"plain base64", header + "." + payload + "." + signature.substr(1) + "+"},
         {"white space", valid + " "},
         {"a line break", valid + "\n"},
         {"a NUL", valid + std::string(1, '\0')},
         {"short signature", valid.substr(0, valid.size() - 4)},
         {"header that is no JSON", raw("alg=RS256", render(payload_))},
         {"header that is a list", raw("[]", render(payload_))},
         {"payload that is no JSON", raw(render(header_), "hello")},
         {"payload that is a list", raw(render(header_), "[]")},
         {"a claim twice",
          raw(render(header_), render(payload_).substr(0, render(payload_).size() - 1) +
                                   R"(,"sub":"user_01J00000000000000000000001"})")},
         {"payload of bad UTF-8", raw(render(header_), "{\"iss\":\"\xff\"}")},
         {"larger than any", with_claim("more", json_quoted(std::string(5000, 'x')))}});
}

TEST_F(ForgedTokens, AreRefusedWhenAnyPartIsExchanged) {
    const std::string mine = token(header_, payload_);
    const std::string admin = token(header_, with(payload_, "platform_admin", "true"));
    const auto part = [](const std::string& text, int number) {
        return std::string(split(text, '.')[static_cast<std::size_t>(number)]);
    };
    ASSERT_EQ(verified(admin), "ok");
    expect_all_refused(
        {{"claims of another token", cat(part(mine, 0), '.', part(admin, 1), '.', part(mine, 2))},
         {"signature of another token",
          cat(part(mine, 0), '.', part(mine, 1), '.', part(admin, 2))}});
}

TEST_F(ForgedTokens, ACustomerIsNoPlatformAdministratorWhateverItsTokenSays) {
    const std::string token_text =
        token(header_, with(with(payload_, "platform_admin", "true"), "store",
                            "\"store_01J0000000000000000000000A\""));
    const TokenClaims claims = must(home_.identity().verify(token_text));
    EXPECT_FALSE(claims.platform_admin);
}

TEST_F(ForgedTokens, ATokenOfAnotherInstallationIsRefused) {
    LocalHome other;
    other.environment.clock.advance(std::chrono::milliseconds(1));
    must(other.identity().rotate_keys());
    must(other.identity().create_platform_admin("ann@example.com", "correct horse battery", "Ann"));
    const Tokens tokens =
        must(other.identity().sign_in({}, "ann@example.com", "correct horse battery", ""));
    EXPECT_EQ(outcome(other.identity().verify(tokens.access_token)), "ok");
    EXPECT_EQ(verified(tokens.access_token), "invalid_token");
    EXPECT_EQ(outcome(home_.identity().refresh({}, tokens.refresh_token)), "invalid_token");
}

TEST_F(ForgedTokens, ARefusedTokenIsRefusedAgain) {
    const std::string forged = with_claim("iss", "\"https://evil.example\"");
    EXPECT_EQ(verified(forged), "invalid_token");
    EXPECT_EQ(verified(forged), "invalid_token");
}

}  // namespace souk::contract
