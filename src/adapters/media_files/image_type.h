#pragma once

#include <optional>
#include <string_view>

namespace souk {

/// What a file's first bytes say it is: one of `image_types`, or nothing. Shape: the first 32 bytes
/// suffice. Source: the formats' signatures (PNG 5.2, JFIF, GIF89a, RIFF/WebP, ISO 14496-12
/// `ftyp`).
[[nodiscard]] std::optional<std::string_view> image_type_of(std::string_view first_bytes);

/// Whether browsers may upload this type.
[[nodiscard]] bool is_image_type(std::string_view content_type);

}  // namespace souk
