#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ports/identity.h"

namespace souk {

/// Whom a user name in the pool stands for.
struct PoolName {
    Realm realm;
    UserId user;
};

/// A user name for the pool: opaque (no e-mail address), it says realm and user, so that an access
/// token says them too. Each sign-up and each new password makes another: see CognitoIdentity.
/// Shape: "<store id or "platform">.<user id>.<tag>", in lower case whatever the pool thinks of
/// case; `tag` is 5 random bytes.
[[nodiscard]] std::string pool_name(const Realm& realm, const UserId& user, std::string_view tag);

/// Nothing for a name of another shape.
[[nodiscard]] std::optional<PoolName> parse_pool_name(std::string_view name);

}  // namespace souk
