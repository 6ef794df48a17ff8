#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/identity_local/key_files.h"

/// Tokens as an attacker (or our own key in the wrong hands) would make them, with OpenSSL and not
/// with our code.
namespace souk::contract {

/// Members and their values as raw JSON, in order.
using RawMembers = std::vector<std::pair<std::string, std::string>>;

enum class Algorithm { rs256, rs512, ps256 };

[[nodiscard]] std::string render(const RawMembers& members);
/// The members with one replaced, added, or (with an empty value) left out.
[[nodiscard]] RawMembers with(RawMembers members, const std::string& name, const std::string& raw);

/// base64url(header) . base64url(payload)
[[nodiscard]] std::string message_of(std::string_view header, std::string_view payload);
[[nodiscard]] std::string signed_by(const key_files::Key& key, const std::string& message,
                                    Algorithm algorithm = Algorithm::rs256);
[[nodiscard]] std::string signed_with_secret(std::string_view secret, const std::string& message);
/// The private key that signs in this directory.
[[nodiscard]] key_files::Key key_in(const std::string& directory);

}  // namespace souk::contract
