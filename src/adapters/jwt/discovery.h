#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace souk {

/// The discovery document of who issues the access tokens, with the claims that they hold; its keys
/// are at `{issuer}/.well-known/jwks.json`. Source: OpenID Connect Discovery 1.0, section 3.
[[nodiscard]] std::string discovery_document(std::string_view issuer,
                                             std::initializer_list<std::string_view> claims);

}  // namespace souk
