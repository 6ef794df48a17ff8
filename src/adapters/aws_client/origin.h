#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/base/error.h"

namespace souk::aws {

/// Where connections lead to.
struct Origin {
    enum class Scheme { http, https };
    Scheme scheme = Scheme::https;
    std::string host;  // A name or an address, without brackets.
    std::uint16_t port = 443;

    /// `host[:port]` as the Host header has it: without the scheme's own port.
    [[nodiscard]] std::string authority() const;
    /// `scheme://host[:port]`.
    [[nodiscard]] std::string url() const;

    friend auto operator<=>(const Origin&, const Origin&) = default;
};

/// An http(s) URL: where, and what there.
struct Url {
    Origin origin;
    std::string target = "/";  // Path and query as they stand.
};

/// Reads `http(s)://host[:port][/path][?query]`; no user, password or fragment.
/// Errors: aws_misconfigured.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace souk::aws
