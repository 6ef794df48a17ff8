#include "domain/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "domain/base/folding.h"

namespace souk {

namespace {

constexpr bool is_ascii_alnum(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view crockford_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::string encode_bits(std::string_view bytes, int bits_each, std::string_view digits) {
    std::string out;
    out.reserve(bytes.size() * 8 / static_cast<std::size_t>(bits_each) + 2);
    std::uint32_t buffer = 0;
    int held = 0;
    const std::uint32_t mask = (1U << bits_each) - 1U;
    for (const char byte : bytes) {
        buffer = (buffer << 8) | static_cast<unsigned char>(byte);
        held += 8;
        while (held >= bits_each) {
            held -= bits_each;
            out.push_back(digits[(buffer >> held) & mask]);
        }
    }
    if (held > 0) {
        out.push_back(digits[(buffer << (bits_each - held)) & mask]);
    }
    return out;
}

std::optional<std::string> decode_base64(std::string_view text, std::string_view digits) {
    if (text.size() % 4 == 1) {
        return std::nullopt;
    }
    std::array<int, 256> values;
    values.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<int>(i);
    }
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t buffer = 0;
    int held = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<char>((buffer >> held) & 0xFFU));
        }
    }
    // Left-over bits must be zero, else two texts would mean the same bytes.
    if ((buffer & ((1U << held) - 1U)) != 0) {
        return std::nullopt;
    }
    return out;
}

}  // namespace

namespace detail {

void append(std::string& out, std::string_view part) { out.append(part); }

void append_integer(std::string& out, std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number).ptr;
    out.append(buffer.begin(), end);
}

void append_integer(std::string& out, std::uint64_t number) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number).ptr;
    out.append(buffer.begin(), end);
}

}  // namespace detail

std::string zero_padded(std::uint64_t number, int width) {
    std::string digits = cat(number);
    const auto wanted = static_cast<std::size_t>(width);
    return digits.size() >= wanted ? digits : std::string(wanted - digits.size(), '0') + digits;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return number;
}

std::string ascii_lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool ascii_equal_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    std::size_t start = 0;
    while (true) {
        const auto end = text.find(separator, start);
        if (end == std::string_view::npos) {
            pieces.push_back(text.substr(start));
            return pieces;
        }
        pieces.push_back(text.substr(start, end - start));
        start = end + 1;
    }
}

bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            ++i;
            continue;
        }
        std::size_t more = 0;
        std::uint32_t point = 0;
        if (byte >= 0xC2 && byte <= 0xDF) {
            more = 1;
            point = byte & 0x1FU;
        } else if (byte >= 0xE0 && byte <= 0xEF) {
            more = 2;
            point = byte & 0x0FU;
        } else if (byte >= 0xF0 && byte <= 0xF4) {
            more = 3;
            point = byte & 0x07U;
        } else {
            return false;
        }
        if (text.size() - i <= more) {
            return false;
        }
        for (std::size_t k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xC0U) != 0x80U) {
                return false;
            }
            point = (point << 6) | (next & 0x3FU);
        }
        const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string slug_from(std::string_view title) {
    std::string out;
    for (const char c : folded(title)) {
        if (is_ascii_alnum(static_cast<unsigned char>(c))) {
            out.push_back(lower(c));
        } else if (c == '\'') {
            continue;  // "children's" reads better as "childrens" than as "children-s".
        } else if (!out.empty() && out.back() != '-') {
            out.push_back('-');
        }
    }
    while (!out.empty() && out.back() == '-') {
        out.pop_back();
    }
    return out;
}

bool is_slug(std::string_view text, std::size_t length_max) {
    if (text.empty() || text.size() > length_max || text.front() == '-' || text.back() == '-') {
        return false;
    }
    return std::ranges::all_of(
        text, [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

bool is_one_line(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::string_view point = text.substr(i, 3);
        if (byte < 0x20 || byte == 0x7F || point == "\u2028" || point == "\u2029" ||
            (byte == 0xC2 && point.size() > 1 && static_cast<unsigned char>(point[1]) < 0xA0)) {
            return false;
        }
    }
    return true;
}

namespace {

/// Whether there is a space or a mark that nobody sees: two addresses that look the same would be
/// two accounts. Source: Unicode, General Punctuation (U+2000 to U+200F, U+2028 to U+202F, U+205F
/// to U+206F), and what is like it elsewhere.
bool has_invisible(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view two = text.substr(i, 2);
        const std::string_view three = text.substr(i, 3);
        const int last = three.size() < 3 ? 0 : static_cast<unsigned char>(three[2]);
        const bool in_punctuation =
            (two == "\xE2\x80" && (last <= 0x8F || (last >= 0xA8 && last <= 0xAF))) ||
            (two == "\xE2\x81" && last >= 0x9F && last <= 0xAF);
        if (in_punctuation || two == "\u00A0" || two == "\u00AD" || three == "\u3000" ||
            three == "\uFEFF") {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    if (at > 64 || text.size() > 254) {  // Where there is none, npos is beyond it.
        return false;
    }
    const auto atoms = split(text.substr(0, at), '.');
    const auto labels = split(text.substr(at + 1), '.');
    const auto is_label = [](std::string_view label) {
        return !label.empty() && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label, [](char c) {
                   const char lower = static_cast<char>(c | 0x20);
                   return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                          static_cast<unsigned char>(c) >= 0x80;
               });
    };
    if (std::ranges::any_of(atoms, &std::string_view::empty) || labels.size() < 2 ||
        !std::ranges::all_of(labels, is_label) || !is_one_line(text) || has_invisible(text)) {
        return false;
    }
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte != 0x7F && c != ',' && c != ';' && c != '<' && c != '>' &&
               c != '"' && c != '(' && c != ')' && c != '\\' && c != ':' && c != '[' && c != ']';
    });
}

std::string to_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(hex_digits[byte >> 4]);
        out.push_back(hex_digits[byte & 0x0FU]);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out = encode_bits(bytes, 6, base64_digits);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) {
        text.remove_suffix(1);
    }
    return decode_base64(text, base64_digits);
}

std::string to_base64url(std::string_view bytes) { return encode_bits(bytes, 6, base64url_digits); }

std::optional<std::string> from_base64url(std::string_view text) {
    return decode_base64(text, base64url_digits);
}

std::string to_base32(std::string_view bytes) { return encode_bits(bytes, 5, crockford_digits); }

std::optional<std::string> percent_decoded(std::string_view text, PercentStyle style) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && style == PercentStyle::form) {
            out.push_back(' ');
        } else if (text[i] == '%') {
            if (text.size() - i < 3) {
                return std::nullopt;
            }
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) {
                return std::nullopt;
            }
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view upper_hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_ascii_alnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(upper_hex[byte >> 4]);
            out.push_back(upper_hex[byte & 0x0FU]);
        }
    }
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    // volatile keeps the compiler from leaving the loop early.
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<unsigned char>(
            difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
    }
    return difference == 0;
}

}  // namespace souk
