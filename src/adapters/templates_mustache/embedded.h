#pragma once

#include <string_view>
#include <vector>

namespace souk {

/// A file of templates/ as the build has put it into the binary.
struct EmbeddedTemplate {
    std::string_view file_name;  // "order_confirmed.en.html.mustache"
    std::string_view text;
};

[[nodiscard]] std::vector<EmbeddedTemplate> embedded_templates();

}  // namespace souk
