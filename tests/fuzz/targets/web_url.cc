#include "adapters/http_client/web_url.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "adapters/http_client/ip_address.h"
#include "adapters/http_server/target.h"
#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace http_out;

/// IANA's special-purpose registries once more, as ranges of whole numbers.
bool is_special_v4(std::uint32_t address) {
    struct Range {
        std::uint32_t first, last;
    };
    constexpr std::array ranges = std::to_array<Range>({
        {0x00000000, 0x00FFFFFF},  // This network.
        {0x0A000000, 0x0AFFFFFF},  // Private.
        {0x64400000, 0x647FFFFF},  // Shared.
        {0x7F000000, 0x7FFFFFFF},  // Loopback.
        {0xA9FE0000, 0xA9FEFFFF},  // Link-local.
        {0xAC100000, 0xAC1FFFFF},  // Private.
        {0xC0000000, 0xC00000FF},  // Protocol assignments.
        {0xC0000200, 0xC00002FF},  // Documentation.
        {0xC0586300, 0xC05863FF},  // 6to4 relays.
        {0xC0A80000, 0xC0A8FFFF},  // Private.
        {0xC6120000, 0xC613FFFF},  // Benchmarking.
        {0xC6336400, 0xC63364FF},  // Documentation.
        {0xCB007100, 0xCB0071FF},  // Documentation.
        {0xE0000000, 0xFFFFFFFF},  // Multicast, reserved, broadcast.
    });
    return std::ranges::any_of(ranges, [&](const Range& range) {
        return address >= range.first && address <= range.last;
    });
}

std::uint32_t word(const IpAddress& address, std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        out = out << 8U | address.bytes[i];
    }
    return out;
}

/// Whether a packet to this address may end on a host of the own network, in any way that is known.
bool leads_inside(const IpAddress& address) {
    const std::uint32_t first = word(address, 0);
    const bool zero_until_10 =
        first == 0 && word(address, 4) == 0 && address.bytes[8] == 0 && address.bytes[9] == 0;
    if (zero_until_10 && address.bytes[10] == 0xFF && address.bytes[11] == 0xFF) {
        return is_special_v4(word(address, 12));
    }
    if (first == 0x0064FF9B && word(address, 4) == 0 && word(address, 8) == 0) {
        return is_special_v4(word(address, 12));  // NAT64.
    }
    if (first >> 16U == 0x2002) {
        return is_special_v4(word(address, 2));  // 6to4.
    }
    return first >> 29U != 1 ||                // Not within 2000::/3.
           first >> 9U == 0x20010000 >> 9U ||  // 2001::/23
           first == 0x20010DB8 ||              // Documentation.
           first >> 12U == 0x3FFF0000 >> 12U;
}

void check_address(const IpAddress& address) {
    HOLDS(!(is_public(address) && leads_inside(address)));
    const auto again = parse_ip(to_text(address));
    HOLDS(again == address);
}

/// Four numbers from 0 to 255 without a superfluous zero.
bool is_dotted_quad(std::string_view text) {
    const auto parts = souk::split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               const auto number = to_integer(part);
               return number && *number >= 0 && *number <= 255 && cat(*number) == part;
           });
}

void check_text_of_address(std::string_view input) {
    const auto address = parse_ip(std::string(input));
    if (!address) {
        HOLDS(!is_dotted_quad(input));
        return;
    }
    HOLDS(is_dotted_quad(input) || input.contains(':'));
    HOLDS(std::ranges::all_of(
        input, [](char c) { return std::string_view("0123456789abcdefABCDEF:.").contains(c); }));
    check_address(*address);
}

void check_url(std::string_view input) {
    const auto url = parse_web_url(input);
    if (!url) {
        HOLDS(url.error().code == errors::target_refused && !url.error().detail.empty());
        return;
    }
    HOLDS(url->port != 0 && !url->host.empty() && url->target.starts_with('/'));
    HOLDS(!url->target.contains('#'));
    // No part of it breaks out of its line, and a server would take it.
    HOLDS(http_edge::is_host(url->authority()));
    HOLDS(http_edge::parse_target(url->target).has_value());
    HOLDS(url->host == ascii_lower(url->host) || url->literal);
    // A host that a resolver might read as a number is that number.
    const std::string last(souk::split(url->host, '.').back());
    const bool hex = last.starts_with("0x");
    const bool numeric = last.find_first_not_of(hex ? "0123456789abcdef" : "0123456789",
                                                hex ? 2 : 0) == std::string::npos;
    HOLDS(!numeric || url->literal);
    const std::string scheme = url->scheme == WebUrl::Scheme::https ? "https://" : "http://";
    const auto again = parse_web_url(cat(scheme, url->authority(), url->target));
    HOLDS(again.has_value());
    HOLDS(again->authority() == url->authority() && again->target == url->target);
    HOLDS(again->literal == url->literal && again->port == url->port);

    if (check_target(*url, TargetPolicy::public_only)) {
        HOLDS(!url->literal || !leads_inside(*url->literal));
        HOLDS(url->literal || url->host.contains('.'));
        HOLDS(!url->host.ends_with(".localhost") && !url->host.ends_with(".internal"));
        HOLDS(url->port == 80 || url->port == 443 || url->port >= 1024);
    }
}

}  // namespace

FUZZ_TARGET(web_url) {
    check_url(input);
    check_url(cat("https://", input));
    check_url(cat("http://", input, ":8080/hook?a=b#c"));
    check_text_of_address(input);
    IpAddress address;
    if (input.size() >= address.bytes.size()) {
        std::memcpy(address.bytes.data(), input.data(), address.bytes.size());
        check_address(address);
        for (const auto& prefix : std::to_array<std::array<std::uint8_t, 4>>(
                 {{0, 0x64, 0xFF, 0x9B}, {0x20, 0x02, 10, 0}, {0x20, 0x01, 0, 0}})) {
            std::ranges::copy(prefix, address.bytes.begin());
            check_address(address);
        }
        std::fill_n(address.bytes.begin(), 10, std::uint8_t{0});
        check_address(address);
        std::fill_n(address.bytes.begin() + 10, 2, std::uint8_t{0xFF});
        check_address(address);
        HOLDS(is_public(address) != is_special_v4(word(address, 12)));
    }
}

}  // namespace souk::fuzz
