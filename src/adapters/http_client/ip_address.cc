#include "adapters/http_client/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <initializer_list>
#include <span>

namespace souk::http_out {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The first `bits` bits of `bytes`; the rest is zero.
struct Prefix {
    std::array<std::uint8_t, 16> bytes;
    unsigned bits;
};

constexpr Prefix refused_v4[] = {
    {{0}, 8},              // This network.
    {{10}, 8},             // Private.
    {{100, 64}, 10},       // Shared by carriers.
    {{127}, 8},            // Loopback.
    {{169, 254}, 16},      // Link-local, cloud metadata.
    {{172, 16}, 12},       // Private.
    {{192, 0, 0}, 24},     // Protocol assignments.
    {{192, 0, 2}, 24},     // Documentation.
    {{192, 88, 99}, 24},   // 6to4 relays.
    {{192, 168}, 16},      // Private.
    {{198, 18}, 15},       // Benchmarking.
    {{198, 51, 100}, 24},  // Documentation.
    {{203, 0, 113}, 24},   // Documentation.
    {{224}, 4},            // Multicast.
    {{240}, 4},            // Reserved, broadcast.
};

constexpr Prefix global_v6{{0x20}, 3};  // All that is assigned; everything below is within it.
constexpr Prefix refused_v6[] = {
    {{0x20, 0x01, 0x00}, 23},        // Teredo, ORCHID, benchmarking.
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // Documentation.
    {{0x3f, 0xff, 0x00}, 20},        // Documentation.
};
constexpr Prefix nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Prefix six_to_four{{0x20, 0x02}, 16};

bool starts_with(std::span<const std::uint8_t> address, const Prefix& prefix) {
    const std::size_t whole = prefix.bits / 8;
    if (!std::equal(prefix.bytes.begin(), prefix.bytes.begin() + whole, address.begin())) {
        return false;
    }
    const unsigned rest = prefix.bits % 8;
    return rest == 0 || (address[whole] >> (8 - rest)) == (prefix.bytes[whole] >> (8 - rest));
}

bool is_public_v4(std::span<const std::uint8_t, 4> address) {
    return std::ranges::none_of(refused_v4,
                                [&](const Prefix& prefix) { return starts_with(address, prefix); });
}

}  // namespace

std::optional<IpAddress> parse_ip(const std::string& text) {
    if (text.contains('\0')) {
        return std::nullopt;  // inet_pton would not look behind it.
    }
    IpAddress address;
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    std::ranges::copy(mapped_prefix, address.bytes.begin());
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data() + mapped_prefix.size()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::string to_text(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4(address)) {
        ::inet_ntop(AF_INET, address.bytes.data() + mapped_prefix.size(), text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    }
    return text.data();
}

bool is_v4(const IpAddress& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
}

bool is_public(const IpAddress& address) {
    const std::span<const std::uint8_t, 16> bytes(address.bytes);
    if (is_v4(address) || starts_with(bytes, nat64)) {
        return is_public_v4(bytes.last<4>());
    }
    if (starts_with(bytes, six_to_four)) {
        return is_public_v4(bytes.subspan<2, 4>());
    }
    return starts_with(bytes, global_v6) &&
           std::ranges::none_of(refused_v6,
                                [&](const Prefix& prefix) { return starts_with(bytes, prefix); });
}

}  // namespace souk::http_out
