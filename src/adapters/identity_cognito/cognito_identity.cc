#include "adapters/identity_cognito/cognito_identity.h"

#include <utility>

#include "adapters/jwt/compact_token.h"
#include "adapters/jwt/discovery.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view table = "identity";
/// Units: tokens of each half.
constexpr std::size_t verified_half_max = 4096;
/// How far our clock may be behind the pool's.
constexpr std::chrono::milliseconds leeway{60'000};

std::string issuer_of(const CognitoIdentityOptions& options) {
    return options.issuer.empty() ? cat("https://cognito-idp.", options.client.region(),
                                        ".amazonaws.com/", options.pool.pool_id)
                                  : options.issuer;
}

std::unexpected<Error> not_ours() {
    return fail(errors::invalid_token, "The access token is not valid.");
}

TokenClaims claims_from(const PoolClaims& said, const Account& account) {
    return {.user = said.who.user,
            .realm = said.who.realm,
            .email = account.email,
            .platform_admin = said.platform_admin,
            .expires = said.expires};
}

}  // namespace

CognitoIdentity::CognitoIdentity(CognitoIdentityOptions options)
    : environment_(options.environment),
      issuer_(issuer_of(options)),
      ledger_(options.ledger, std::string(table), options.environment),
      accounts_(ledger_, options.all_stores),
      codes_(accounts_, options.environment),
      verbs_(ledger_, accounts_, codes_),
      sessions_(accounts_, options.environment),
      attempts_(ledger_, accounts_, sign_ins_per_minute_max),
      pool_(options.client, options.environment, std::move(options.pool)),
      keys_(pool_, options.environment),
      verified_(verified_half_max) {}

Result<std::optional<Account>> CognitoIdentity::account(const Realm& realm, const UserId& user) {
    return verbs_.account(realm, user);
}

Result<std::optional<Account>> CognitoIdentity::account_by_email(const Realm& realm,
                                                                 std::string_view email) {
    return verbs_.account_by_email(realm, email);
}

Result<TokenClaims> CognitoIdentity::verify(std::string_view access_token) {
    if (access_token.size() > token_bytes_max) {
        return not_ours();
    }
    const Instant now = environment_.now();
    const std::string digest = environment_.crypto.sha256(access_token);
    if (auto known = verified_.find(digest, now)) {
        return *std::move(known);
    }
    const auto token = parse_compact_token(access_token);
    if (!token) {
        return not_ours();
    }
    // What does not even claim to be ours must not make us fetch keys.
    const auto said = parse_pool_claims(token->payload, issuer_, pool_.options().client_id);
    if (!said) {
        return not_ours();
    }
    const rs256::Key key = TRY(keys_.find(token->key_id));
    if (key == nullptr || !rs256::verify(key, token->message, token->signature)) {
        return not_ours();
    }
    if (said->expires <= now) {
        return fail(errors::invalid_token, "The access token has expired.");
    }
    if (said->expires - said->life > now + leeway) {
        return not_ours();
    }
    const auto record = TRY(accounts_.by_user(said->who.realm, said->who.user));
    if (!record || record->provider_name != said->name) {
        return not_ours();
    }
    TokenClaims claims = claims_from(*said, record->account);
    verified_.add(digest, claims);
    return claims;
}

Result<Tokens> CognitoIdentity::tokens(const Realm& realm, const AccountRecord& account,
                                       const SessionRecord& session, const PoolTokens& given) {
    const auto token = parse_compact_token(given.access_token);
    const auto said = token ? parse_pool_claims(token->payload, issuer_, pool_.options().client_id)
                            : std::nullopt;
    if (!said || said->name != account.provider_name) {
        return fail(errors::identity_unavailable,
                    "The user pool's token is not what was asked for; check issuer and client.");
    }
    // It came from the pool itself: its own first use here needs no key and no row.
    verified_.add(environment_.crypto.sha256(given.access_token),
                  claims_from(*said, account.account));
    return Tokens{.access_token = given.access_token,
                  .refresh_token = sessions_.token(realm, session),
                  .expires_in = said->life};
}

std::string CognitoIdentity::jwks() const { return keys_.document(); }

std::string CognitoIdentity::openid_configuration() const {
    return discovery_document(issuer_, {"iss", "client_id", "sub", "username", "token_use",
                                        "cognito:groups", "iat", "exp", "jti"});
}

}  // namespace souk
