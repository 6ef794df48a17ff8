#include "domain/base/clipped_text.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

std::string_view clipped(std::string_view text, std::size_t bytes_max) {
    constexpr std::size_t continuation_bytes_max = 3;  // More of them are no UTF-8.
    std::size_t end = std::min(text.size(), bytes_max);
    const std::size_t least = end - std::min(end, continuation_bytes_max);
    while (end > least && end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

std::string readable(std::string_view text) {
    std::string out(text);
    if (!is_utf8(out)) {
        std::ranges::replace_if(
            out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
    return out;
}

}  // namespace souk
