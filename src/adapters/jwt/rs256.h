#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY.

/// RS256: RSASSA-PKCS1-v1_5 with SHA-256. Source: RFC 7518, section 3.3.
namespace souk::rs256 {

using Key = std::shared_ptr<evp_pkey_st>;

/// Units: bits. Source: RFC 7518, section 3.3.
inline constexpr int key_bits_min = 2048;

/// The public key of a JWK. Shape: `n` and `e`, base64url. Null if they are not those of an RSA key
/// of key_bits_min or more.
[[nodiscard]] Key public_key(std::string_view modulus, std::string_view exponent);

[[nodiscard]] std::string sign(const Key& private_key, std::string_view message);
[[nodiscard]] bool verify(const Key& key, std::string_view message, std::string_view signature);

}  // namespace souk::rs256
