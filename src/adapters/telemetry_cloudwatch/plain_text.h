#pragma once

#include <string>
#include <string_view>

namespace souk::cloudwatch {

/// The text as UTF-8, cut between characters to at most `bytes_max`, whatever it was: what is
/// logged may come from anywhere.
[[nodiscard]] std::string plain_text(std::string_view text, std::size_t bytes_max);

}  // namespace souk::cloudwatch
