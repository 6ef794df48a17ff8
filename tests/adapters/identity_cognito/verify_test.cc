#include "adapters/identity_cognito/cognito_home.h"
#include "adapters/identity_cognito/cognito_identity.h"
#include "domain/base/text.h"

namespace souk::contract {

namespace {

class CognitoVerify : public testing::Test {
protected:
    CognitoVerify() {
        const SignUp made =
            must(home_.identity().sign_up(store_, "ann@example.com", "correct horse", "Ann"));
        must(home_.identity().confirm_sign_up(store_, "ann@example.com", made.code.code));
        name_ = *home_.pool.names().begin();
    }
    std::string_view verified(const std::string& token) {
        return outcome(home_.identity().verify(token));
    }
    std::string payload(std::string_view token) { return *from_base64url(split(token, '.')[1]); }

    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
    CognitoHome home_;
    std::string name_;
};

}  // namespace

TEST_F(CognitoVerify, TakesATokenOfThePool) {
    const TokenClaims claims = must(home_.identity().verify(home_.pool.token(name_)));
    EXPECT_EQ(claims.realm, store_);
    EXPECT_EQ(claims.email, "ann@example.com");
    EXPECT_FALSE(claims.platform_admin);
    EXPECT_EQ(claims.expires, home_.now() + access_token_life);
}

TEST_F(CognitoVerify, CostsNoCallAndNoRowOnceATokenWasSeen) {
    const std::string token = home_.pool.token(name_);
    must(home_.identity().verify(token));
    home_.pool.actions();
    home_.pool.cut(aws::errors::aws_not_sent);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(verified(token), "ok");
    }
    EXPECT_TRUE(home_.pool.actions().empty());
}

TEST_F(CognitoVerify, CostsNoCallForATokenThatWasGivenOutHere) {
    const Tokens tokens =
        must(home_.identity().sign_in(store_, "ann@example.com", "correct horse", ""));
    home_.pool.actions();
    EXPECT_EQ(verified(tokens.access_token), "ok");
    const Tokens next = must(home_.identity().refresh(store_, tokens.refresh_token));
    EXPECT_EQ(verified(next.access_token), "ok");
    EXPECT_EQ(home_.pool.actions(), std::vector<std::string>{"GetTokensFromRefreshToken"});
}

TEST_F(CognitoVerify, ProvesATokenThatAnotherProcessGaveOut) {
    const Tokens tokens =
        must(home_.identity().sign_in(store_, "ann@example.com", "correct horse", ""));
    home_.restart();
    EXPECT_EQ(verified(tokens.access_token), "ok");
    EXPECT_EQ(home_.pool.actions().back(), "JWKS");
}

TEST_F(CognitoVerify, RefusesATokenWhoseBytesWereChanged) {
    std::string token = home_.pool.token(name_);
    EXPECT_EQ(verified(token), "ok");
    const auto first_dot = token.find('.');
    for (const std::size_t at : {first_dot + 5, token.rfind('.') + 5}) {
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_EQ(verified(changed), "invalid_token");
    }
}

TEST_F(CognitoVerify, RefusesAnotherPayloadUnderAnOldSignature) {
    const std::string token = home_.pool.token(name_);
    const std::string other = home_.pool.token(name_, {{"cognito:groups", R"(["x"])"}});
    const std::string mixed =
        cat(other.substr(0, other.rfind('.')), token.substr(token.rfind('.')));
    EXPECT_EQ(verified(mixed), "invalid_token");
}

TEST_F(CognitoVerify, RefusesWhatTheTokenSaysOfItsOwnProof) {
    const std::string body = payload(home_.pool.token(name_));
    for (const char* header :
         {R"({"alg":"none","kid":"first"})", R"({"alg":"HS256","kid":"first"})",
          R"({"alg":"RS512","kid":"first"})", R"({"kid":"first"})", R"({"alg":"RS256"})",
          R"({"alg":"RS256","kid":"unknown"})", R"({"alg":"RS256","kid":"first","crit":["exp"]})",
          R"({"alg":"RS256","kid":"first","jku":"https://evil.example/keys"})"}) {
        EXPECT_EQ(verified(home_.pool.signed_token(header, body)), "invalid_token") << header;
    }
    EXPECT_EQ(verified(home_.pool.signed_token(R"({"alg":"RS256","kid":"first"})", body)), "ok");
}

TEST_F(CognitoVerify, RefusesTokensThatAreForSomethingElse) {
    for (const auto& [member, raw] :
         {std::pair("token_use", "\"id\""), std::pair("iss", "\"https://evil.example\""),
          std::pair("client_id", "\"another\""), std::pair("client_id", ""),
          std::pair("username", "\"ann\""), std::pair("exp", ""), std::pair("exp", "\"9\"")}) {
        EXPECT_EQ(verified(home_.pool.token(name_, {{member, raw}})), "invalid_token") << member;
    }
}

TEST_F(CognitoVerify, FetchesNoKeysForATokenThatIsNotEvenOurs) {
    home_.pool.actions();
    EXPECT_EQ(verified(home_.pool.token(name_, {{"client_id", "\"another\""}})), "invalid_token");
    EXPECT_TRUE(home_.pool.actions().empty());
}

TEST_F(CognitoVerify, RefusesTokensOutsideTheirTime) {
    const std::int64_t now = home_.now().unix_seconds();
    EXPECT_EQ(verified(home_.pool.token(name_, {{"exp", cat(now)}, {"iat", cat(now - 900)}})),
              "invalid_token");
    EXPECT_EQ(verified(home_.pool.token(name_, {{"exp", cat(now + 1)}, {"iat", cat(now - 899)}})),
              "ok");
    EXPECT_EQ(verified(home_.pool.token(name_, {{"iat", cat(now + 60)}})), "ok");
    EXPECT_EQ(verified(home_.pool.token(name_, {{"iat", cat(now + 61)}})), "invalid_token");
}

TEST_F(CognitoVerify, RefusesAUserWhoseAccountIsGoneOrHasAnother) {
    const std::string stranger =
        cat("store_01j0000000000000000000000a.user_01j00000000000000000000zzz.abcdefgh");
    EXPECT_EQ(verified(home_.pool.token(stranger)), "invalid_token");
    const std::string former = cat(name_.substr(0, name_.rfind('.')), ".abcdefgh");
    EXPECT_EQ(verified(home_.pool.token(former)), "invalid_token");
}

TEST_F(CognitoVerify, BelievesTheGroupsOfStaffAlone) {
    const Account admin =
        must(home_.identity().create_platform_admin("ann@example.com", "correct horse", "Ann"));
    const Tokens tokens =
        must(home_.identity().sign_in({}, "ann@example.com", "correct horse", ""));
    home_.restart();
    const TokenClaims claims = must(home_.identity().verify(tokens.access_token));
    EXPECT_EQ(claims.user, admin.user);
    EXPECT_TRUE(claims.platform_admin);
    const TokenClaims customer = must(home_.identity().verify(
        home_.pool.token(name_, {{"cognito:groups", R"(["platform-admin"])"}})));
    EXPECT_FALSE(customer.platform_admin);
}

TEST_F(CognitoVerify, SaysWhenKeysCannotBeFetched) {
    home_.pool.cut(aws::errors::aws_not_sent);
    EXPECT_EQ(verified(home_.pool.token(name_)), "identity_unavailable");
}

}  // namespace souk::contract
