#include "adapters/media_files/image_type.h"

#include <algorithm>
#include <string>

#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

/// Whether the file is an ISO base media file whose first box names an AVIF brand inside its own
/// bounds. Source: ISO 14496-12, section 4.3.
bool says_avif(std::string_view bytes) {
    if (bytes.size() < 16 || bytes.substr(4, 4) != "ftyp") {
        return false;
    }
    std::size_t box = 0;
    for (const char c : bytes.substr(0, 4)) {
        box = box << 8U | static_cast<unsigned char>(c);
    }
    const std::string_view brands = bytes.substr(0, box).substr(std::min<std::size_t>(8, box));
    for (std::size_t at = 0; at + 4 <= brands.size(); at += 4) {
        if (at != 4 && (brands.substr(at, 4) == "avif" || brands.substr(at, 4) == "avis")) {
            return true;
        }
    }
    return false;
}

}  // namespace

FUZZ_TARGET(image_type) {
    constexpr std::size_t sniffed = 32;
    const auto type = image_type_of(input);
    HOLDS(!type || is_image_type(*type));
    HOLDS(image_type_of(input.substr(0, sniffed)) == type);
    if (input.size() >= sniffed) {
        HOLDS(image_type_of(cat(input, "GIF89a")) == type);
    }
    HOLDS(type != "image/avif" || says_avif(input));
    HOLDS(type != "image/svg+xml");
}

}  // namespace souk::fuzz
