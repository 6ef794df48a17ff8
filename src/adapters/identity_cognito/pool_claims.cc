#include "adapters/identity_cognito/pool_claims.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// Units: seconds since 1970. Beyond it (year 9999) an Instant would overflow.
constexpr std::int64_t time_max = 253'402'300'799;

bool names_group(JsonView groups, std::string_view group) {
    if (const auto text = groups.string()) {
        std::string_view inside = trimmed(*text);
        if (inside.size() >= 2 && inside.front() == '[' && inside.back() == ']') {
            inside = inside.substr(1, inside.size() - 2);
        }
        const auto names = split(inside, ' ');
        return std::ranges::find(names, group) != names.end();
    }
    for (std::size_t i = 0; groups.is_array() && i < groups.size(); ++i) {
        if (groups.at(i).string() == group) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<PoolClaims> parse_pool_claims(std::string_view payload, std::string_view issuer,
                                            std::string_view client_id) {
    const auto document = JsonDocument::parse(payload);
    if (!document || !document->root().is_object()) {
        return std::nullopt;
    }
    const JsonView root = document->root();
    if (root["iss"].string() != issuer || root["client_id"].string() != client_id ||
        root["token_use"].string() != "access") {
        return std::nullopt;
    }
    const std::string name = root["username"].text_or();
    auto who = parse_pool_name(name);
    const auto issued = root["iat"].integer();
    const auto expires = root["exp"].integer();
    if (!who || !issued || !expires || *issued < 0 || *expires < *issued || *expires > time_max) {
        return std::nullopt;
    }
    const bool admin =
        !who->realm.store && names_group(root["cognito:groups"], platform_admin_group);
    return PoolClaims{.name = name,
                      .who = *std::move(who),
                      .platform_admin = admin,
                      .expires = Instant::from_unix_ms(*expires * 1000),
                      .life = std::chrono::seconds(*expires - *issued)};
}

}  // namespace souk
