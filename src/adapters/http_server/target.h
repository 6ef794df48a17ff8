#pragma once

#include <optional>
#include <string_view>

namespace souk::http_edge {

/// The parts of a request target. Views into it.
struct Target {
    std::string_view authority;  // Of the absolute form only.
    std::string_view path;       // "*" in the asterisk form.
    std::string_view query;
};

/// Reads origin form (`/a?b`), absolute form (`http://host/a?b`) and asterisk form (`*`). Nothing
/// for anything else, for a fragment and for bytes that ought to have been percent-encoded. Source:
/// RFC 9112, section 3.2.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

/// Whether a Host header could name a host.
[[nodiscard]] bool is_host(std::string_view text);

}  // namespace souk::http_edge
