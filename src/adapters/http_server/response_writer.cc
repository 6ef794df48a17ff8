#include "adapters/http_server/response_writer.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <limits>

#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

void append_number(std::string& out, std::uint64_t number, int radix) {
    std::array<char, std::numeric_limits<std::uint64_t>::digits> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, radix).ptr;
    out.append(digits.data(), end);
}

void append_status_line(std::string& out, int status) {
    if (status == 200) [[likely]] {
        out.append("HTTP/1.1 200 OK\r\n");
        return;
    }
    namespace http = boost::beast::http;
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(status), 10);
    out.push_back(' ');
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
    out.append(reason.data(), reason.size());
    out.append("\r\n");
}

bool frames_the_body(std::string_view name) {
    switch (name.size()) {
        case 10: return ascii_equal_ignoring_case(name, "Connection");
        case 14: return ascii_equal_ignoring_case(name, "Content-Length");
        case 17: return ascii_equal_ignoring_case(name, "Transfer-Encoding");
    }
    return false;
}

}  // namespace

void append_head(std::string& out, const Response& response, const HeadFrame& frame) {
    append_status_line(out, response.status);
    out.append("Server: souk\r\n");
    out.append(frame.date_line);
    const bool empty = frame.framing == Framing::counted && frame.length == 0;
    if (!response.content_type.empty() && frame.framing != Framing::bodiless && !empty) {
        out.append("Content-Type: ").append(response.content_type).append("\r\n");
    }
    for (const auto& [name, value] : response.headers) {
        if (!frames_the_body(name)) {
            out.append(name).append(": ").append(value).append("\r\n");
        }
    }
    if (frame.framing == Framing::counted) {
        out.append("Content-Length: ");
        append_number(out, frame.length, 10);
        out.append("\r\n");
    } else if (frame.framing == Framing::chunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    if (frame.persistence == Persistence::close) {
        out.append("Connection: close\r\n");
    }
    out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
    append_number(out, piece.size(), 16);
    out.append("\r\n").append(piece).append("\r\n");
}

}  // namespace souk::http_edge
