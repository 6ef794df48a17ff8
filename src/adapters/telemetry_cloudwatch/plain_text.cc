#include "adapters/telemetry_cloudwatch/plain_text.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::cloudwatch {

std::string plain_text(std::string_view text, std::size_t bytes_max) {
    std::size_t length = std::min(text.size(), bytes_max);
    for (int i = 0; i < 3 && length > 0 && length < text.size() && (text[length] & 0xC0) == 0x80;
         ++i) {
        --length;
    }
    std::string out(text.substr(0, length));
    if (!is_utf8(out)) {
        std::ranges::replace_if(
            out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
    return out;
}

}  // namespace souk::cloudwatch
