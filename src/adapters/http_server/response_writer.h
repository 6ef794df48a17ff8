#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/ports/http.h"

namespace souk::http_edge {

/// How the receiver finds the end of the body.
enum class Framing { counted, chunked, until_close, bodiless };
enum class Persistence { keep_alive, close };

struct HeadFrame {
    Framing framing = Framing::counted;
    std::uint64_t length = 0;  // Of a counted body.
    Persistence persistence = Persistence::keep_alive;
    std::string_view date_line;  // With its line ending.
};

/// Status line and headers up to and with the empty line. What frames the body (Content-Length,
/// Transfer-Encoding, Connection) is the server's: such headers of the response are left out.
void append_head(std::string& out, const Response& response, const HeadFrame& frame);
/// One chunk of a chunked body. Shape: not empty.
void append_chunk(std::string& out, std::string_view piece);
/// The chunk that ends a chunked body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace souk::http_edge
