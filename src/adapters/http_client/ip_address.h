#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace souk::http_out {

/// An IPv6 address, or an IPv4 one in its mapped form (`::ffff:a.b.c.d`). Network byte order.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Reads the canonical textual forms only: four decimal numbers without leading zeros, or RFC 4291
/// without zone.
[[nodiscard]] std::optional<IpAddress> parse_ip(const std::string& text);
[[nodiscard]] std::string to_text(const IpAddress& address);
[[nodiscard]] bool is_v4(const IpAddress& address);

/// Whether the address is a host's on the public Internet: no loopback, link-local, private,
/// shared, documentation, benchmarking, multicast or reserved one, in any IPv6 form that leads to
/// it. Source: IANA special-purpose address registries (RFC 6890).
[[nodiscard]] bool is_public(const IpAddress& address);

}  // namespace souk::http_out
