#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::fuzz {

/// A request as a second reader understands it.
struct StrictRequest {
    std::string method;
    std::string target;
    std::string version;                                       // "1.0" or "1.1"
    std::vector<std::pair<std::string, std::string>> headers;  // Names in lower case.
    std::string body;
    std::size_t bytes = 0;  // Of the input, from its start.
};

/// Reads the request at the start of `text` by the letter of RFC 9112, with nothing that it lets a
/// reader tolerate but one empty line before the request line. Nothing if there is no whole
/// request, or if anything about it could be read otherwise.
[[nodiscard]] std::optional<StrictRequest> read_strictly(std::string_view text);

}  // namespace souk::fuzz
