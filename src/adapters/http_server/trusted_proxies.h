#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace souk::http_edge {

/// The proxies whose X-Forwarded-For is believed: addresses, and ranges of them.
class TrustedProxies {
public:
    /// Takes "10.0.0.7", "fd00::7", "10.0.0.0/8" or "fd00::/8"; false for what is none of them.
    /// Shape: a range's address has no bits behind its prefix, since it may mean that address or
    /// the whole network; and no zone. An IPv4 range within `::ffff:0:0/96` may be written so.
    [[nodiscard]] bool add(std::string_view text);
    [[nodiscard]] bool empty() const { return addresses_.empty() && ranges_.empty(); }
    /// Whether it is one of them. A range holds addresses of its own family only: `::/0` no IPv4.
    /// Shape: an address as `canonical` gives it (listener.h).
    [[nodiscard]] bool contains(const std::string& address) const;

private:
    using Bytes = std::array<std::uint8_t, 16>;  // Of IPv4 in its mapped form.
    struct Range {
        Bytes first;
        unsigned bits;

        [[nodiscard]] bool holds(const Bytes& address) const;
    };

    [[nodiscard]] bool add_range(std::string_view address, std::string_view prefix);

    std::unordered_set<std::string> addresses_;  // In canonical form.
    std::vector<Range> ranges_;
};

}  // namespace souk::http_edge
