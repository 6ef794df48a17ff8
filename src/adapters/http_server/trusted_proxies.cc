#include "adapters/http_server/trusted_proxies.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "adapters/http_server/listener.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

namespace ip = boost::asio::ip;

constexpr unsigned mapped_bits = 96;

std::optional<ip::address> parse(const std::string& text) {
    if (text.contains('\0')) {
        return std::nullopt;  // Asio would not look behind it.
    }
    boost::system::error_code ec;
    const auto address = ip::make_address(text, ec);
    return ec ? std::nullopt : std::optional(address);
}

std::array<std::uint8_t, 16> bytes_of(const ip::address& address) {
    return address.is_v6() ? address.to_v6().to_bytes()
                           : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool is_mapped(const std::array<std::uint8_t, 16>& bytes) {
    return ip::address_v6(bytes).is_v4_mapped();
}

/// The number of a prefix: no sign, no zero in front, so that what one reads is what is meant.
std::optional<unsigned> length_of(std::string_view prefix, unsigned most) {
    const auto number = to_integer(prefix);
    if (!number || *number < 0 || *number > most || cat(*number) != prefix) {
        return std::nullopt;
    }
    return static_cast<unsigned>(*number);
}

bool bit_of(const std::array<std::uint8_t, 16>& bytes, unsigned bit) {
    return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

}  // namespace

bool TrustedProxies::Range::holds(const Bytes& address) const {
    if (is_mapped(address) != (bits >= mapped_bits && is_mapped(first))) {
        return false;
    }
    const auto whole = bits / 8;
    if (!std::equal(first.begin(), first.begin() + whole, address.begin())) {
        return false;
    }
    const unsigned rest = bits % 8;
    return rest == 0 || (first[whole] >> (8 - rest)) == (address[whole] >> (8 - rest));
}

bool TrustedProxies::add(std::string_view text) {
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        return add_range(text.substr(0, slash), text.substr(slash + 1));
    }
    const auto address = parse(std::string(text));
    if (!address) {
        return false;
    }
    addresses_.insert(canonical(*address));
    return true;
}

bool TrustedProxies::add_range(std::string_view address, std::string_view prefix) {
    const auto parsed = parse(std::string(address));
    if (!parsed || address.contains('%')) {
        return false;
    }
    const unsigned before = parsed->is_v4() ? mapped_bits : 0;
    const auto length = length_of(prefix, 128 - before);
    if (!length) {
        return false;
    }
    const Range range{bytes_of(*parsed), before + *length};
    for (unsigned bit = range.bits; bit < 128; ++bit) {
        if (bit_of(range.first, bit)) {
            return false;
        }
    }
    ranges_.push_back(range);
    return true;
}

bool TrustedProxies::contains(const std::string& address) const {
    if (addresses_.contains(address)) {
        return true;
    }
    const auto parsed = ranges_.empty() ? std::nullopt : parse(address);
    return parsed && std::ranges::any_of(ranges_, [bytes = bytes_of(*parsed)](const Range& range) {
               return range.holds(bytes);
           });
}

}  // namespace souk::http_edge
