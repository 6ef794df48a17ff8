#include <algorithm>
#include <string>

#include "adapters/identity_cognito/pool_claims.h"
#include "adapters/jwt/compact_token.h"
#include "adapters/jwt/rs256.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/strict_json.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

constexpr std::string_view issuer = "https://issuer.example/pool";
constexpr std::string_view client = "client";

/// All that a token may be, looked at once more.
void check_token(std::string_view text, const CompactToken& token) {
    HOLDS(text.size() <= token_bytes_max);
    HOLDS(std::ranges::count(text, '.') == 2);
    const auto parts = souk::split(text, '.');
    HOLDS(token.message == cat(parts[0], '.', parts[1]));
    // No second text means the same token: neither padding nor left-over bits.
    HOLDS(to_base64url(token.payload) == parts[1]);
    HOLDS(to_base64url(token.signature) == parts[2]);
    const auto header = from_base64url(parts[0]);
    HOLDS(header && to_base64url(*header) == parts[0] && is_strict_json(*header, json_depth_max));
    const auto document = JsonDocument::parse(*header);
    const JsonView root = document->root();
    HOLDS(root["alg"].string() == "RS256");
    HOLDS(root["kid"].text_or() == token.key_id);
    for (const std::string_view name : {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"}) {
        HOLDS(!root[name].present());
    }
}

void check_claims(std::string_view payload) {
    const auto claims = parse_pool_claims(payload, issuer, client);
    if (!claims) {
        return;
    }
    const auto document = JsonDocument::parse(payload);
    HOLDS(document && document->root()["token_use"].string() == "access");
    HOLDS(document->root()["iss"].string() == issuer);
    HOLDS(document->root()["client_id"].string() == client);
    HOLDS(claims->life.count() >= 0 && claims->expires >= Instant{});
    HOLDS(!claims->platform_admin || !claims->who.realm.store);
    HOLDS(parse_pool_name(claims->name).has_value());
}

}  // namespace

FUZZ_TARGET(jwt) {
    if (const auto token = parse_compact_token(input)) {
        check_token(input, *token);
    }
    // Header, payload and signature in clear, a line each.
    Bytes bytes(input);
    const std::string header(bytes.line());
    const std::string payload(bytes.line());
    const std::string_view signature = bytes.rest();
    const std::string text =
        cat(to_base64url(header), '.', to_base64url(payload), '.', to_base64url(signature));
    if (const auto token = parse_compact_token(text)) {
        check_token(text, *token);
        HOLDS(token->payload == payload && token->signature == signature);
        HOLDS(!parse_compact_token(cat(text, '=')) && !parse_compact_token(cat(text, '.')));
        HOLDS(!parse_compact_token(cat(' ', text)) && !parse_compact_token(cat(text, '\n')));
    }
    check_claims(payload);
    const auto key = rs256::public_key(signature, payload);
    HOLDS(key == nullptr || !rs256::verify(key, text, signature));
}

}  // namespace souk::fuzz
