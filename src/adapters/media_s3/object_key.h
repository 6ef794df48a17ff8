#pragma once

#include <string_view>

namespace souk {

/// Units: characters; pieces between slashes.
inline constexpr std::size_t object_key_bytes_max = 200;
inline constexpr std::size_t object_key_pieces_max = 4;

/// Whether `key` is one of Souk's: pieces of A-Z a-z 0-9 _ - . between single slashes, none of
/// which starts with a dot.
[[nodiscard]] bool is_s3_key(std::string_view key);

/// Whether it names something that shoppers may see: "store_<id>/med_…", perhaps with an extension.
[[nodiscard]] bool is_shown_key(std::string_view key);

}  // namespace souk
