#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http_client/ip_address.h"
#include "adapters/http_client/public_http_client.h"
#include "domain/base/error.h"

namespace souk::http_out {

/// Where an http(s) URL leads.
struct WebUrl {
    enum class Scheme { http, https };
    Scheme scheme = Scheme::https;
    std::string host;                  // Lower case, without brackets and final dot.
    std::optional<IpAddress> literal;  // When the host is an address.
    std::uint16_t port = 443;
    std::string target = "/";  // Path and query.

    /// As the Host header wants it.
    [[nodiscard]] std::string authority() const;
};

/// Reads the URL strictly: no user or password, no byte outside visible ASCII, no host that some
/// resolver takes for a number (`0x7f.1`, `2130706433`, `127.0.0.01`). Errors: target_refused.
[[nodiscard]] Result<WebUrl> parse_web_url(std::string_view text);

/// Whether the policy lets it be called, as far as its text tells. Errors: target_refused.
[[nodiscard]] Result<void> check_target(const WebUrl& url, TargetPolicy policy);

}  // namespace souk::http_out
