#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// Units: bytes. A longer token is refused unread.
inline constexpr std::size_t token_bytes_max = 4096;

/// A JWT taken apart, and not to be believed before its signature is checked. Source: RFC 7515
/// (compact serialisation), RFC 8725 (what an attacker may put into a token).
struct CompactToken {
    std::string key_id;   // Empty when the header names none.
    std::string payload;  // JSON, as it was signed.
    std::string message;  // What the signature is of.
    std::string signature;
};

/// Nothing but for three parts whose header says RS256 and holds `alg`, `typ` and `kid` at most: no
/// `crit`, and no key that the token itself would bring along (jwk, jku, x5u …).
[[nodiscard]] std::optional<CompactToken> parse_compact_token(std::string_view text);

}  // namespace souk
