#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/identity_cognito/pool_names.h"

namespace souk {

/// The group of the pool whose members administer the platform.
inline constexpr std::string_view platform_admin_group = "platform-admin";

/// What an access token of the pool says.
struct PoolClaims {
    std::string name;  // The user's, in the pool.
    PoolName who;
    bool platform_admin = false;
    Instant expires;
    std::chrono::seconds life{0};
};

/// Nothing unless the payload is one of an access token of this issuer for this client, whose user
/// name is of Souk's making. Its times are read, not judged. The groups may be an array, or the
/// text "[a b]" that API Gateway makes of one.
[[nodiscard]] std::optional<PoolClaims> parse_pool_claims(std::string_view payload,
                                                          std::string_view issuer,
                                                          std::string_view client_id);

}  // namespace souk
