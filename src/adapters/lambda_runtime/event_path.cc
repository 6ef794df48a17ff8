#include "adapters/lambda_runtime/event_path.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "domain/base/text.h"

namespace souk::lambda {

namespace {

/// What a path segment may hold unencoded beside letters and digits. Source: RFC 3986, pchar.
constexpr std::string_view path_marks = "-._~!$&'()*+,;=:@";

enum class Slash { encoded, kept };

std::string path_encoded(std::string_view text, Slash slash) {
    std::string out;
    for (const char c : text) {
        const bool kept =
            path_marks.find(c) != std::string_view::npos || (c == '/' && slash == Slash::kept);
        if (kept) {
            out.push_back(c);
        } else {
            out += percent_encoded(std::string_view(&c, 1));
        }
    }
    return out;
}

struct Path {
    std::string encoded;
    std::string decoded;
};

/// The pattern with the parameters' values in place of their names; nothing if one is missing.
std::optional<Path> filled(std::string_view pattern, JsonView parameters) {
    Path path;
    for (const std::string_view segment : split(pattern.substr(1), '/')) {
        path.encoded.push_back('/');
        path.decoded.push_back('/');
        if (!segment.starts_with('{') || !segment.ends_with('}')) {
            path.encoded += segment;
            path.decoded += segment;
            continue;
        }
        const bool greedy = segment.ends_with("+}");
        const auto value =
            parameters[segment.substr(1, segment.size() - (greedy ? 3 : 2))].string();
        if (!value) {
            return std::nullopt;
        }
        path.encoded += path_encoded(*value, greedy ? Slash::kept : Slash::encoded);
        path.decoded += *value;
    }
    return path;
}

/// "GET /v1/stores/{store}" -> "/v1/stores/{store}"; empty for "$default".
std::string_view pattern_of(std::string_view route_key) {
    const auto space = route_key.find(' ');
    const auto pattern =
        space == std::string_view::npos ? std::string_view{} : route_key.substr(space + 1);
    return pattern.starts_with('/') ? pattern : std::string_view{};
}

std::string_view without_stage(std::string_view path, std::string_view stage) {
    if (stage.empty() || stage == "$default") {
        return path;
    }
    const std::string prefix = cat('/', stage);
    const bool staged = path == prefix || path.starts_with(prefix + '/');
    return staged ? path.substr(prefix.size()) : path;
}

}  // namespace

std::string encoded_path(JsonView event) {
    const std::string_view raw = event["rawPath"].string().value_or("");
    const std::string_view pattern = pattern_of(event["routeKey"].string().value_or(""));
    if (!pattern.empty()) {
        const auto path = filled(pattern, event["pathParameters"]);
        if (path && (raw.ends_with(path->decoded) || raw.ends_with(path->encoded))) {
            return path->encoded;
        }
    }
    const std::string_view stage = event["requestContext"]["stage"].string().value_or("");
    std::string path = path_encoded(without_stage(raw, stage), Slash::kept);
    return path.starts_with('/') ? path : cat('/', path);
}

}  // namespace souk::lambda
