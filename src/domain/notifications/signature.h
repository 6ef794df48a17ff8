#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/base/instant.h"
#include "domain/ports/crypto.h"

/// Standard Webhooks 1.0, symmetric signatures.
/// Source:
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
namespace souk::notifications {

/// A secret as its owner sees it: `whsec_` and the base64 of its bytes.
[[nodiscard]] std::string secret_text(std::string_view secret);

/// The value of `webhook-signature`: one `v1,…` for each secret, separated by spaces.
/// Shape: secrets are raw bytes, without prefix and base64.
[[nodiscard]] std::string signatures(const Crypto& crypto, const std::vector<std::string>& secrets,
                                     std::string_view id, Instant timestamp, std::string_view body);

}  // namespace souk::notifications
