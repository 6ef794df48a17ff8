#include "adapters/http_client/web_url.h"

#include <algorithm>
#include <array>
#include <vector>

#include "domain/base/text.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {

namespace {

constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
constexpr std::int64_t port_max = 65535;
constexpr std::uint16_t unprivileged_port_min = 1024;
constexpr std::array<std::uint16_t, 2> web_ports{80, 443};
/// Names that lead into the own network wherever they resolve.
constexpr std::array<std::string_view, 5> local_domains{".localhost", ".local", ".internal",
                                                        ".home.arpa", ".lan"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_host_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

std::unexpected<Error> refused(std::string detail) {
    return fail(errors::target_refused, std::move(detail));
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= label_bytes_max &&
           std::ranges::all_of(label, is_host_character);
}

/// Whether resolvers may read the name as a number. Source: WHATWG URL, "ends in a number".
bool ends_in_a_number(std::string_view label) {
    return std::ranges::all_of(label, is_digit) ||
           (label.starts_with("0x") && std::ranges::all_of(label.substr(2), is_hex));
}

Result<void> read_name(std::string_view text, WebUrl& url) {
    url.host = ascii_lower(text);
    if (url.host.ends_with('.')) {
        url.host.pop_back();
    }
    const std::vector<std::string_view> labels = split(url.host, '.');
    if (url.host.size() > host_bytes_max || !std::ranges::all_of(labels, is_label)) {
        return refused("The URL's host is not a name or an address.");
    }
    if (ends_in_a_number(labels.back())) {
        url.literal = parse_ip(url.host);
        if (!url.literal || !is_v4(*url.literal)) {
            return refused("The URL's host is a number that is not a plain IPv4 address.");
        }
    }
    return {};
}

Result<void> read_bracketed(std::string_view text, WebUrl& url) {
    url.host = std::string(text);
    url.literal = parse_ip(url.host);
    if (!url.literal || !text.contains(':')) {
        return refused("The URL's host is not an IPv6 address.");
    }
    return {};
}

Result<void> read_port(std::string_view text, WebUrl& url) {
    const auto port = std::ranges::all_of(text, is_digit) ? to_integer(text) : std::nullopt;
    if (!port || *port < 1 || *port > port_max) {
        return refused("The URL's port is not a number from 1 to 65535.");
    }
    url.port = static_cast<std::uint16_t>(*port);
    return {};
}

Result<void> read_authority(std::string_view text, WebUrl& url) {
    if (text.contains('@')) {
        return refused("The URL must not contain a user or password.");
    }
    const bool bracketed = text.starts_with('[');
    const std::size_t host_end = bracketed ? text.find(']') : text.find(':');
    const std::string_view host = text.substr(0, host_end);
    std::string_view rest = host_end == std::string_view::npos ? "" : text.substr(host_end);
    if (bracketed) {
        if (rest.empty()) {
            return refused("The URL's host lacks its closing bracket.");
        }
        rest.remove_prefix(1);
        TRY(read_bracketed(host.substr(1), url));
    } else {
        TRY(read_name(host, url));
    }
    if (rest.empty()) {
        return {};
    }
    return rest.starts_with(':') ? read_port(rest.substr(1), url)
                                 : refused("The URL's host is malformed.");
}

bool is_local_name(const std::string& host) {
    return !host.contains('.') || std::ranges::any_of(local_domains, [&](std::string_view domain) {
        return host.ends_with(domain);
    });
}

bool is_allowed_port(std::uint16_t port) {
    return port >= unprivileged_port_min || std::ranges::count(web_ports, port) > 0;
}

}  // namespace

std::string WebUrl::authority() const {
    const bool is_default = port == (scheme == Scheme::https ? 443 : 80);
    const std::string name = literal && !is_v4(*literal) ? cat('[', to_text(*literal), ']')
                             : literal                   ? to_text(*literal)
                                                         : host;
    return is_default ? name : cat(name, ':', port);
}

Result<WebUrl> parse_web_url(std::string_view text) {
    const bool plain =
        std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
    if (text.size() > url_bytes_max || !plain) {
        return refused("The URL is too long or has characters that must be percent-encoded.");
    }
    WebUrl url;
    const std::size_t mark = std::min(text.find("://"), text.size());
    const std::string scheme = ascii_lower(text.substr(0, mark));
    if (mark == text.size() || (scheme != "http" && scheme != "https")) {
        return refused("The URL must begin with https:// or http://.");
    }
    url.scheme = scheme == "https" ? WebUrl::Scheme::https : WebUrl::Scheme::http;
    url.port = url.scheme == WebUrl::Scheme::https ? 443 : 80;
    text.remove_prefix(mark + 3);
    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    TRY(read_authority(authority, url));
    text.remove_prefix(authority.size());
    url.target = std::string(text.substr(0, text.find('#')));
    if (!url.target.starts_with('/')) {
        url.target.insert(0, "/");
    }
    return url;
}

Result<void> check_target(const WebUrl& url, TargetPolicy policy) {
    if (policy == TargetPolicy::any) {
        return {};
    }
    if (!is_allowed_port(url.port)) {
        return refused(cat("Port ", url.port, " is not one that webhooks may call."));
    }
    if (url.literal ? !is_public(*url.literal) : is_local_name(url.host)) {
        return refused("The URL does not lead to a host on the public Internet.");
    }
    return {};
}

}  // namespace souk::http_out
