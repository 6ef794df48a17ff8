#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/identity_local/signing_keys.h"
#include "adapters/jwt/verified_tokens.h"
#include "domain/ports/identity.h"

namespace souk {

/// Makes and checks access tokens: JWTs signed with RS256, and with nothing else.
/// Source: RFC 7519, RFC 7515; RFC 8725 (what an attacker may put into a token and must not be
/// believed).
class AccessTokens {
public:
    /// Shape: `issuer` without a slash at its end.
    AccessTokens(std::unique_ptr<SigningKeys> keys, const Environment& environment,
                 std::string issuer, std::string audience);

    /// Alive for access_token_life.
    [[nodiscard]] std::string issue(const Realm& realm, const Account& account);
    /// Errors: invalid_token.
    [[nodiscard]] Result<TokenClaims> verify(std::string_view token);

    [[nodiscard]] SigningKeys& keys() { return *keys_; }
    [[nodiscard]] std::string jwks() const { return keys_->jwks(); }

private:
    [[nodiscard]] Result<TokenClaims> check(std::string_view text);
    [[nodiscard]] Result<TokenClaims> claims_of(std::string_view payload) const;

    std::unique_ptr<SigningKeys> keys_;
    Environment environment_;
    std::string issuer_;
    std::string audience_;
    VerifiedTokens verified_;
};

}  // namespace souk
