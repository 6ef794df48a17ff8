#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

namespace souk::cloudwatch {

/// A timed piece of work that has ended, inside a segment that Lambda itself writes.
struct Subsegment {
    std::string trace;   // 32 hex digits.
    std::string parent;  // 16; the span it is part of.
    std::string id;      // 16.
    std::string name;
    std::int64_t start_us = 0;  // Since 1970.
    std::int64_t end_us = 0;
    std::vector<std::pair<std::string, std::string>> labels;
    std::string failure;  // Empty: it went well.
};

/// Bounds of X-Ray. Source: X-Ray Developer Guide, "Segment documents".
inline constexpr std::size_t segment_bytes_max = 64'000;
inline constexpr std::size_t segment_name_characters_max = 200;
inline constexpr std::size_t annotations_max = 50;         // What is over is left out.
inline constexpr std::size_t annotation_value_max = 1000;  // Units: bytes here.

/// The datagram that the daemon takes: a header line and the segment document. Labels become
/// annotations, by which traces can be searched.
[[nodiscard]] std::string render_datagram(const Subsegment& subsegment);

/// Where the X-Ray daemon listens.
struct DaemonAddress {
    std::string host;  // An IPv4 address.
    std::uint16_t port = 0;
};
/// Shape: AWS_XRAY_DAEMON_ADDRESS, "169.254.79.129:2000" or "tcp:… udp:…". Port 0 is well-formed,
/// and means that there is none. Nothing if malformed.
[[nodiscard]] std::optional<DaemonAddress> parse_daemon_address(std::string_view text);

/// Sends subsegments to the X-Ray daemon. Never waits, never fails: what cannot be sent is lost.
/// Thread-safe.
class XrayDaemon {
public:
    explicit XrayDaemon(const DaemonAddress& address);
    ~XrayDaemon();
    XrayDaemon(const XrayDaemon&) = delete;
    XrayDaemon& operator=(const XrayDaemon&) = delete;

    void send(const Subsegment& subsegment) const;

private:
    int socket_ = -1;
};

}  // namespace souk::cloudwatch
