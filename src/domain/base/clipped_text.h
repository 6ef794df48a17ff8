#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text for places that are small or particular: keys, log lines, headers.
namespace souk {

/// As many whole code points of it as fit into so many bytes.
[[nodiscard]] std::string_view clipped(std::string_view text, std::size_t bytes_max);

/// The text if it is UTF-8, else with a question mark for each byte beyond ASCII.
[[nodiscard]] std::string readable(std::string_view text);

}  // namespace souk
