#include "adapters/aws_client/origin.h"

#include <algorithm>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr std::int64_t port_max = 65535;
constexpr std::size_t host_bytes_max = 253;  // Source: RFC 1035 section 2.3.4.

std::uint16_t default_port(Origin::Scheme scheme) {
    return scheme == Origin::Scheme::https ? 443 : 80;
}

bool is_v6(std::string_view host) { return host.contains(':'); }

bool is_host(std::string_view host, std::string_view punctuation) {
    return !host.empty() && host.size() <= host_bytes_max && std::ranges::all_of(host, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || punctuation.contains(c);
    });
}

/// Takes `host` or `[v6]` off the front of the authority.
bool take_host(std::string_view& authority, Origin& origin) {
    const bool bracketed = authority.starts_with('[');
    const std::size_t end = std::min(authority.find(bracketed ? ']' : ':'), authority.size());
    if (bracketed && end == authority.size()) {
        return false;
    }
    origin.host = ascii_lower(authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end));
    authority.remove_prefix(bracketed ? end + 1 : end);
    return bracketed ? is_host(origin.host, ":.") && is_v6(origin.host)
                     : is_host(origin.host, "-._");
}

/// What is left of the authority: nothing, or `:port`.
bool take_port(std::string_view rest, Origin& origin) {
    origin.port = default_port(origin.scheme);
    if (rest.empty()) {
        return true;
    }
    const auto port = rest.size() > 1 && rest[1] != '-' ? to_integer(rest.substr(1)) : std::nullopt;
    if (!rest.starts_with(':') || !port || *port < 1 || *port > port_max) {
        return false;
    }
    origin.port = static_cast<std::uint16_t>(*port);
    return true;
}

}  // namespace

std::string Origin::authority() const {
    const std::string name = is_v6(host) ? cat('[', host, ']') : host;
    return port == default_port(scheme) ? name : cat(name, ':', port);
}

std::string Origin::url() const {
    return cat(scheme == Scheme::https ? "https://" : "http://", authority());
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    const auto malformed = [&] {
        return fail(errors::aws_misconfigured, cat("'", text, "' is not a usable http(s) URL."));
    };
    std::string_view rest = text;
    if (text.starts_with("https://")) {
        url.origin.scheme = Origin::Scheme::https;
        rest.remove_prefix(8);
    } else if (text.starts_with("http://")) {
        url.origin.scheme = Origin::Scheme::http;
        rest.remove_prefix(7);
    } else {
        return malformed();
    }
    const bool plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < '\x7f'; });
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    if (!plain || rest.contains('#') || !take_host(authority, url.origin) ||
        !take_port(authority, url.origin)) {
        return malformed();
    }
    if (!rest.empty()) {
        url.target = rest.starts_with('/') ? std::string(rest) : cat('/', rest);
    }
    return url;
}

}  // namespace souk::aws
