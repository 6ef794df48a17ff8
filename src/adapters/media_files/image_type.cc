#include "adapters/media_files/image_type.h"

#include <algorithm>

#include "domain/ports/media.h"

namespace souk {

namespace {

/// Whether the `ftyp` box at the file's start names AVIF, as its brand or as a compatible one.
bool is_avif(std::string_view bytes) {
    if (bytes.size() < 16 || bytes.substr(4, 4) != "ftyp") {
        return false;
    }
    std::size_t box_bytes = 0;
    for (const char c : bytes.substr(0, 4)) {
        box_bytes = box_bytes << 8U | static_cast<unsigned char>(c);
    }
    bytes = bytes.substr(0, box_bytes);
    for (std::size_t at = 8; at + 4 <= bytes.size(); at += 4) {
        const std::string_view brand = bytes.substr(at, 4);
        // The four bytes after the major brand are its version.
        if (at != 12 && (brand == "avif" || brand == "avis")) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<std::string_view> image_type_of(std::string_view first_bytes) {
    if (first_bytes.starts_with("\x89PNG\r\n\x1A\n")) {
        return "image/png";
    }
    if (first_bytes.starts_with("\xFF\xD8\xFF")) {
        return "image/jpeg";
    }
    if (first_bytes.starts_with("GIF87a") || first_bytes.starts_with("GIF89a")) {
        return "image/gif";
    }
    if (first_bytes.size() >= 12 && first_bytes.starts_with("RIFF") &&
        first_bytes.substr(8, 4) == "WEBP") {
        return "image/webp";
    }
    if (is_avif(first_bytes.substr(0, 32))) {
        return "image/avif";
    }
    return std::nullopt;
}

bool is_image_type(std::string_view content_type) {
    return std::ranges::find(image_types, content_type) != image_types.end();
}

}  // namespace souk
