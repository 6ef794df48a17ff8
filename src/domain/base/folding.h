#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Text as people compare it: who types "creme" looks for "Crème". It knows the letters of
/// languages written in Latin, Greek and Cyrillic; others stay as they are.
namespace souk {

/// Lower case, without accents (é, ß, ø become e, ss, o), full-width forms made plain, typographic
/// apostrophes and blanks made ASCII, other signs beyond ASCII made blanks.
/// Shape: `text` is UTF-8, and so is the result. Repeat: folding twice changes nothing.
[[nodiscard]] std::string folded(std::string_view text);

/// The words of the folded text, as they stand, repeats included. An apostrophe joins ("children's"
/// is "childrens"), all other signs divide. Every Han or kana character is a word of its own, since
/// these languages put no blanks between words.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

/// Appends a code point, up to U+10FFFF and no surrogate.
void append_utf8(std::string& out, std::uint32_t point);

}  // namespace souk
