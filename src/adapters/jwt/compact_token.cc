#include "adapters/jwt/compact_token.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// The `kid` of an acceptable header.
std::optional<std::string> key_id_in(std::string_view header) {
    const auto document = JsonDocument::parse(header);
    if (!document || !document->root().is_object()) {
        return std::nullopt;
    }
    const JsonView root = document->root();
    for (std::size_t i = 0; i < root.size(); ++i) {
        const auto [name, value] = root.member(i);
        const bool allowed = (name == "alg" && value.string() == "RS256") ||
                             (name == "typ" && value.string() == "JWT") ||
                             (name == "kid" && value.is_string());
        if (!allowed) {
            return std::nullopt;
        }
    }
    return root["alg"].present() ? std::optional(root["kid"].text_or()) : std::nullopt;
}

}  // namespace

std::optional<CompactToken> parse_compact_token(std::string_view text) {
    if (text.size() > token_bytes_max) {
        return std::nullopt;
    }
    const auto parts = split(text, '.');
    if (parts.size() != 3 ||
        std::ranges::any_of(parts, [](std::string_view part) { return part.empty(); })) {
        return std::nullopt;
    }
    const auto header = from_base64url(parts[0]);
    auto payload = from_base64url(parts[1]);
    auto signature = from_base64url(parts[2]);
    auto key_id = header ? key_id_in(*header) : std::nullopt;
    if (!key_id || !payload || !signature) {
        return std::nullopt;
    }
    return CompactToken{*std::move(key_id), *std::move(payload),
                        std::string(text.substr(0, text.rfind('.'))), *std::move(signature)};
}

}  // namespace souk
