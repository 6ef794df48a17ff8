#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// Hashes, keyed hashes, sealing and randomness. All byte strings are raw bytes, not hex.
class Crypto {
public:
    virtual ~Crypto() = default;

    /// Unpredictable bytes from the operating system.
    [[nodiscard]] virtual std::string random(std::size_t bytes) const = 0;
    /// 32 bytes. Source: FIPS 180-4.
    [[nodiscard]] virtual std::string sha256(std::string_view message) const = 0;
    /// 32 bytes. Source: RFC 2104.
    [[nodiscard]] virtual std::string hmac_sha256(std::string_view key,
                                                  std::string_view message) const = 0;
    /// AES-256-GCM: a random 12-byte nonce, the ciphertext and its 16-byte tag in one. Shape: key
    /// of 32 bytes.
    [[nodiscard]] virtual std::string seal(std::string_view key, std::string_view plain) const = 0;
    /// Nothing if the key is another or a bit has changed.
    [[nodiscard]] virtual std::optional<std::string> open(std::string_view key,
                                                          std::string_view sealed) const = 0;
};

}  // namespace souk
