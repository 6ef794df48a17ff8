#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace souk::aws {

/// The text of the first element of that name, with entities resolved: enough for what AWS's query
/// and S3 protocols answer. Nothing if there is none. `element` carries no namespace prefix.
[[nodiscard]] std::optional<std::string> xml_text(std::string_view xml, std::string_view element);

/// What stands between the first element's tags, as it stands; empty if there is none.
[[nodiscard]] std::string_view xml_inside(std::string_view xml, std::string_view element);

/// Character data made fit for a place between tags.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace souk::aws
