#include "adapters/http_server/target.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

constexpr std::size_t host_bytes_max = 255 + 6;  // A name and its port.

bool is_visible_ascii(char c) { return c > ' ' && c < '\x7f'; }

/// Takes the scheme away if it is one of ours.
bool skip_scheme(std::string_view& text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.size() > scheme.size() &&
            ascii_equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
            text.remove_prefix(scheme.size());
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
    if (!std::ranges::all_of(text, is_visible_ascii) || text.contains('#')) {
        return std::nullopt;
    }
    Target target;
    if (text == "*") {
        target.path = text;
        return target;
    }
    if (!text.starts_with('/')) {
        if (!skip_scheme(text)) {
            return std::nullopt;
        }
        target.authority = text.substr(0, text.find_first_of("/?"));
        text.remove_prefix(target.authority.size());
        if (!is_host(target.authority) || target.authority.empty()) {
            return std::nullopt;
        }
    }
    const std::size_t mark = text.find('?');
    target.path = text.substr(0, mark);
    if (target.path.empty()) {
        target.path = "/";
    }
    if (mark != std::string_view::npos) {
        target.query = text.substr(mark + 1);
    }
    return target;
}

bool is_host(std::string_view text) {
    return text.size() <= host_bytes_max && std::ranges::all_of(text, [](char c) {
               return is_visible_ascii(c) &&
                      std::string_view("/?#@\\,<>\"").find(c) == std::string_view::npos;
           });
}

}  // namespace souk::http_edge
