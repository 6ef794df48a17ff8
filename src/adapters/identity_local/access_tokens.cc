#include "adapters/identity_local/access_tokens.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "adapters/jwt/compact_token.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::size_t verified_half_max = 4096;
/// How far the clock may have been set back between making a token and checking it.
constexpr std::int64_t leeway_seconds = 60;
constexpr std::string_view token_use = "access";

std::unexpected<Error> refused(std::string_view why) {
    return fail(errors::invalid_token, std::string(why));
}

std::unexpected<Error> not_ours() { return refused("The access token is not valid."); }

}  // namespace

AccessTokens::AccessTokens(std::unique_ptr<SigningKeys> keys, const Environment& environment,
                           std::string issuer, std::string audience)
    : keys_(std::move(keys)),
      environment_(environment),
      issuer_(std::move(issuer)),
      audience_(std::move(audience)),
      verified_(verified_half_max) {}

std::string AccessTokens::issue(const Realm& realm, const Account& account) {
    const SigningKey key = keys_->current();
    const std::int64_t now = environment_.now().unix_seconds();
    JsonWriter header;
    header.begin_object().member("alg", "RS256").member("typ", "JWT").member("kid", key.id);
    header.end_object();
    JsonWriter claims;
    claims.begin_object()
        .member("iss", issuer_)
        .member("aud", audience_)
        .member("sub", account.user.text())
        .member("token_use", token_use)
        .member("email", account.email);
    if (realm.store) {
        claims.member("store", realm.store->text());
    }
    if (account.platform_admin) {
        claims.member("platform_admin", true);
    }
    claims.member("iat", now)
        .member("exp", now + access_token_life.count())
        .member("jti", to_hex(environment_.crypto.random(16)))
        .end_object();
    const std::string message = cat(to_base64url(header.text()), '.', to_base64url(claims.text()));
    return cat(message, '.', to_base64url(SigningKeys::sign(key, message)));
}

Result<TokenClaims> AccessTokens::verify(std::string_view token) {
    if (token.size() > token_bytes_max) {
        return not_ours();
    }
    const std::string digest = environment_.crypto.sha256(token);
    if (auto known = verified_.find(digest, environment_.now())) {
        return *std::move(known);
    }
    auto claims = TRY(check(token));
    verified_.add(digest, claims);
    return claims;
}

Result<TokenClaims> AccessTokens::check(std::string_view text) {
    const auto token = parse_compact_token(text);
    if (!token) {
        return not_ours();
    }
    const auto key = keys_->find(token->key_id);
    if (!key || !SigningKeys::verify(*key, token->message, token->signature)) {
        return not_ours();
    }
    return claims_of(token->payload);
}

Result<TokenClaims> AccessTokens::claims_of(std::string_view payload) const {
    const auto document = JsonDocument::parse(payload);
    if (!document || !document->root().is_object()) {
        return not_ours();
    }
    const JsonView root = document->root();
    if (root["iss"].string() != issuer_ || root["aud"].string() != audience_ ||
        root["token_use"].string() != token_use) {
        return not_ours();
    }
    const auto user = UserId::parse(root["sub"].text_or());
    const auto email = root["email"].string();
    const auto issued = root["iat"].integer();
    const auto expires = root["exp"].integer();
    if (!user || !email || !issued || !expires) {
        return not_ours();
    }
    const std::int64_t now = environment_.now().unix_seconds();
    if (*expires <= now) {
        return refused("The access token has expired.");
    }
    const bool from_future =
        *issued > now + leeway_seconds ||
        (root["nbf"].present() && root["nbf"].integer_or(INT64_MAX) > now + leeway_seconds);
    // Nothing that was issued here lives longer; checked without a sum, which could overflow.
    const bool too_long = *expires > now + leeway_seconds + access_token_life.count();
    if (from_future || too_long) {
        return not_ours();
    }
    Realm realm;
    if (const JsonView store = root["store"]; store.present()) {
        const auto id = StoreId::parse(store.text_or());
        if (!id) {
            return not_ours();
        }
        realm.store = *id;
    }
    return TokenClaims{.user = *user,
                       .realm = realm,
                       .email = std::string(*email),
                       .platform_admin = !realm.store && root["platform_admin"].bool_or(false),
                       .expires = Instant::from_unix_ms(*expires * 1000)};
}

}  // namespace souk
