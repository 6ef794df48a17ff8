#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Small text functions that the standard library lacks. All take and give UTF-8.
namespace souk {

namespace detail {
void append(std::string& out, std::string_view part);
void append_integer(std::string& out, std::int64_t number);
void append_integer(std::string& out, std::uint64_t number);

inline void append_part(std::string& out, std::string_view part) { append(out, part); }
inline void append_part(std::string& out, char part) { out.push_back(part); }
template <std::signed_integral N>
    requires(!std::same_as<N, char>)
void append_part(std::string& out, N number) {
    append_integer(out, static_cast<std::int64_t>(number));
}
template <std::unsigned_integral N>
    requires(!std::same_as<N, char> && !std::same_as<N, bool>)
void append_part(std::string& out, N number) {
    append_integer(out, static_cast<std::uint64_t>(number));
}
}  // namespace detail

/// The parts, one after the other: strings, characters and integers.
template <class... Parts>
[[nodiscard]] std::string cat(const Parts&... parts) {
    std::string out;
    (detail::append_part(out, parts), ...);
    return out;
}

/// `number` in decimal, left-padded with zeros to `width`, so that text order is number order.
[[nodiscard]] std::string zero_padded(std::uint64_t number, int width);

/// A whole decimal integer, or nothing if any character is not part of it or it does not fit.
[[nodiscard]] std::optional<std::int64_t> to_integer(std::string_view text);

/// ASCII lower case; other bytes unchanged.
[[nodiscard]] std::string ascii_lower(std::string_view text);
/// Case-insensitive equality in ASCII (header names, e-mail domains).
[[nodiscard]] bool ascii_equal_ignoring_case(std::string_view a, std::string_view b);
/// Without leading and trailing ASCII white space.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The pieces between `separator`; an empty text has one empty piece.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Whether the bytes are well-formed UTF-8 (no overlong forms, surrogates or values > U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text);
/// The number of code points in well-formed UTF-8.
[[nodiscard]] std::size_t code_points(std::string_view text);

/// Whether well-formed UTF-8 stays in one line wherever it is shown: no control characters, no line
/// or paragraph separators.
[[nodiscard]] bool is_one_line(std::string_view text);

/// Lower-case letters, digits and single hyphens made from any title; empty if nothing is left.
[[nodiscard]] std::string slug_from(std::string_view title);
/// Whether the text can serve as a slug, of 1..`length_max` characters; hyphens may repeat inside,
/// as they do in the handles of other shops.
[[nodiscard]] bool is_slug(std::string_view text, std::size_t length_max);
/// A plausible addr-spec: one @, a dot in the domain, no space or control, at most 254 bytes.
[[nodiscard]] bool is_email(std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);
/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// RFC 4648 section 5, without padding.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);
/// Crockford base 32 (upper case), most significant bits first.
[[nodiscard]] std::string to_base32(std::string_view bytes);

/// Percent-decodes; nothing if an escape is malformed. `+` becomes a space only in `form`.
enum class PercentStyle { path, form };
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, PercentStyle style);
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// Equality whose time depends on the length alone. Use it for every secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace souk
