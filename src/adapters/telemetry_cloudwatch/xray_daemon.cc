#include "adapters/telemetry_cloudwatch/xray_daemon.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "adapters/telemetry_cloudwatch/trace_point.h"
#include "domain/base/clipped_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::cloudwatch {

namespace {

constexpr std::string_view datagram_header = "{\"format\":\"json\",\"version\":1}\n";

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Other characters make X-Ray refuse the document.
std::string segment_name(std::string_view name) {
    constexpr std::string_view marks = " _.:/%&#=+\\-@";
    std::string out(name.substr(0, segment_name_characters_max));
    std::ranges::replace_if(
        out, [&](char c) { return !is_alnum(c) && marks.find(c) == std::string_view::npos; }, '_');
    return out.empty() ? "unnamed" : out;
}

std::string annotation_key(std::string_view name) {
    std::string out(name);
    std::ranges::replace_if(out, [](char c) { return !is_alnum(c); }, '_');
    return out;
}

/// Seconds since 1970 with six decimals.
std::string seconds(std::int64_t us) {
    return cat(us / 1'000'000, '.', zero_padded(static_cast<std::uint64_t>(us % 1'000'000), 6));
}

void write_annotations(JsonWriter& out, const Subsegment& subsegment) {
    out.key("annotations").begin_object();
    std::set<std::string> written;
    for (const auto& [name, value] : subsegment.labels) {
        const std::string key = annotation_key(name);
        if (!key.empty() && written.size() < annotations_max && written.insert(key).second) {
            out.member(key, readable(clipped(value, annotation_value_max)));
        }
    }
    out.end_object();
}

void write_cause(JsonWriter& out, const Subsegment& subsegment) {
    out.member("fault", true).key("cause").begin_object();
    out.key("exceptions").begin_array().begin_object();
    out.member("id", fresh_span())
        .member("message", readable(clipped(subsegment.failure, annotation_value_max)));
    out.end_object().end_array().end_object();
}

}  // namespace

std::string render_datagram(const Subsegment& subsegment) {
    JsonWriter out;
    out.begin_object()
        .member("name", segment_name(subsegment.name))
        .member("id", subsegment.id)
        .member("trace_id", xray_trace_id(subsegment.trace))
        .member("parent_id", subsegment.parent)
        .raw_member("start_time", seconds(subsegment.start_us))
        .raw_member("end_time", seconds(std::max(subsegment.start_us, subsegment.end_us)))
        .member("type", "subsegment");
    if (!subsegment.failure.empty()) {
        write_cause(out, subsegment);
    }
    if (!subsegment.labels.empty()) {
        write_annotations(out, subsegment);
    }
    out.end_object();
    return cat(datagram_header, out.text());
}

std::optional<DaemonAddress> parse_daemon_address(std::string_view text) {
    for (const std::string_view part : split(text, ' ')) {
        if (part.starts_with("udp:")) {
            text = part.substr(4);
        }
    }
    const auto colon = text.rfind(':');
    DaemonAddress address{std::string(text.substr(0, colon)), 0};
    if (address.host == "localhost") {
        address.host = "127.0.0.1";
    }
    const auto port =
        colon == std::string_view::npos ? std::nullopt : to_integer(text.substr(colon + 1));
    in_addr parsed{};
    if (!port || *port < 0 || *port > 65535 ||
        ::inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) {
        return std::nullopt;
    }
    address.port = static_cast<std::uint16_t>(*port);
    return address;
}

XrayDaemon::XrayDaemon(const DaemonAddress& address)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(std::exchange(socket_, -1));  // From now on sending fails, which nobody minds.
    }
}

XrayDaemon::~XrayDaemon() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

void XrayDaemon::send(const Subsegment& subsegment) const {
    std::string datagram = render_datagram(subsegment);
    if (datagram.size() > segment_bytes_max) {
        Subsegment bare = subsegment;
        bare.labels.clear();
        datagram = render_datagram(bare);
    }
    static_cast<void>(::send(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL));
}

}  // namespace souk::cloudwatch
