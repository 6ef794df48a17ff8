#pragma once

#include <string_view>

namespace souk::fuzz {

/// Whether `text` is one JSON value by the letter of RFC 8259: UTF-8, no byte order mark, escapes
/// that name whole characters, no member name twice in one object, no number that no double holds;
/// nested at most `depth_max` deep.
[[nodiscard]] bool is_strict_json(std::string_view text, int depth_max);

}  // namespace souk::fuzz
