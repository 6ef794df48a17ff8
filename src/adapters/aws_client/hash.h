#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souk::aws {

/// 32 raw bytes each.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Source: ISO 3309, as in zip and PNG.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

}  // namespace souk::aws
