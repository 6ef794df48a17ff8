#include "domain/base/folding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace souk {

namespace {

using Point = std::uint32_t;

struct Range {
    Point first;
    Point last;
};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, Point point) {
    return std::ranges::any_of(
        ranges, [point](const Range& r) { return r.first <= point && point <= r.last; });
}

/// U+00C0 to U+017F, a letter each; those that need two are in `pairs`. A blank is no letter.
constexpr Point latin_first = 0xC0;
constexpr std::string_view latin =
    "aaaaaa.ceeeeiiiidnooooo ouuuuy..aaaaaa.ceeeeiiiidnooooo ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllllllnnnnnnnnnoooooo..rrrrrr"
    "ssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(latin.size() == 0x180 - 0xC0);

/// U+1E00 to U+1EF9: Vietnamese, Welsh and transcriptions.
constexpr Point latin_more_first = 0x1E00;
constexpr std::string_view latin_more =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppp"
    "rrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaaaaaaaaaa"
    "aaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy";
static_assert(latin_more.size() == 0x1EFA - 0x1E00);

struct Exchange {
    Point from;
    std::string_view to;
};
constexpr std::array exchanges = std::to_array<Exchange>({
    {0xC6, "ae"},  {0xDE, "th"},  {0xDF, "ss"},  {0xE6, "ae"},   {0xFE, "th"}, {0x132, "ij"},
    {0x133, "ij"}, {0x152, "oe"}, {0x153, "oe"}, {0x1E9E, "ss"}, {0x2BC, "'"}, {0x2018, "'"},
    {0x2019, "'"}, {0x386, "α"},  {0x388, "ε"},  {0x389, "η"},   {0x38A, "ι"}, {0x38C, "ο"},
    {0x38E, "υ"},  {0x38F, "ω"},  {0x390, "ι"},  {0x3AC, "α"},   {0x3AD, "ε"}, {0x3AE, "η"},
    {0x3AF, "ι"},  {0x3B0, "υ"},  {0x3C2, "σ"},  {0x3CA, "ι"},   {0x3CB, "υ"}, {0x3CC, "ο"},
    {0x3CD, "υ"},  {0x3CE, "ω"},  {0x401, "е"},  {0x451, "е"},
});

constexpr std::array combining = std::to_array<Range>({{0x300, 0x36F}, {0x200B, 0x200D}});
constexpr std::array signs = std::to_array<Range>({
    {0x80, 0xA9},
    {0xAB, 0xB4},
    {0xB6, 0xB9},
    {0xBB, 0xBF},
    {0x2000, 0x206F},
    {0x20A0, 0x214F},
    {0x2190, 0x2BFF},
    {0x3000, 0x3004},
    {0x3008, 0x303F},
    {0xFFFD, 0xFFFD},
});
/// Kana, its long-vowel and iteration marks, and Han.
constexpr std::array words_alone = std::to_array<Range>({
    {0x3005, 0x3007},
    {0x3041, 0x30FA},
    {0x30FC, 0x30FF},
    {0x3400, 0x9FFF},
    {0xF900, 0xFAFF},
    {0x20000, 0x3FFFF},
});

/// The code point at `at`, which moves behind it.
Point next_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<Point>(static_cast<unsigned char>(text[i])) : 0;
    };
    const Point lead = byte(at);
    const std::size_t more = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    Point point = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t i = 1; i <= more; ++i) {
        point = (point << 6U) | (byte(at + i) & 0x3FU);
    }
    at += more + 1;
    return point;
}

/// Capitals of Greek and Cyrillic stand at a fixed distance from their small letters.
Point lower(Point point) {
    if ((point >= 'A' && point <= 'Z') || (point >= 0x391 && point <= 0x3AB && point != 0x3A2) ||
        (point >= 0x410 && point <= 0x42F)) {
        return point + 0x20;
    }
    return point >= 0x400 && point <= 0x40F ? point + 0x50 : point;
}

void append_folded(std::string& out, Point point) {
    constexpr Range full_width{0xFF01, 0xFF5E};
    if (point >= full_width.first && point <= full_width.last) {
        point = point - full_width.first + '!';
    }
    if (point < 0x80) {
        out.push_back(static_cast<char>(lower(point)));
        return;
    }
    point = lower(point);
    const auto* exchange = std::ranges::find(exchanges, point, &Exchange::from);
    if (exchange != exchanges.end()) {
        out.append(exchange->to);
    } else if (point >= latin_first && point < latin_first + latin.size()) {
        out.push_back(latin[point - latin_first]);
    } else if (point >= latin_more_first && point < latin_more_first + latin_more.size()) {
        out.push_back(latin_more[point - latin_more_first]);
    } else if (within(signs, point)) {
        out.push_back(' ');
    } else if (!within(combining, point)) {
        append_utf8(out, point);
    }
}

bool is_letter_or_digit(Point point) {
    return point >= 0x80 || (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z');
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) {
        out.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3FU)));
    };
    if (point < 0x80) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
        out.push_back(static_cast<char>(0xC0U | (point >> 6U)));
        tail(0);
    } else if (point < 0x10000) {
        out.push_back(static_cast<char>(0xE0U | (point >> 12U)));
        tail(6);
        tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0U | (point >> 18U)));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::string folded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        append_folded(out, next_point(text, at));
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    const std::string plain = folded(text);
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    };
    for (std::size_t at = 0; at < plain.size();) {
        const Point point = next_point(plain, at);
        if (within(words_alone, point)) {
            end_word();
            append_utf8(word, point);
            end_word();
        } else if (is_letter_or_digit(point)) {
            append_utf8(word, point);
        } else if (point != '\'') {
            end_word();
        }
    }
    end_word();
    return words;
}

}  // namespace souk
