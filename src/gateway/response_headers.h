#pragma once

#include <string>
#include <string_view>

#include "domain/ports/http.h"

namespace souk::gateway {

/// The first of that name, or empty.
[[nodiscard]] std::string_view header_of(const Response& response, std::string_view name);
/// In place of the first of that name, if there is one.
void set_header(Response& response, std::string_view name, std::string value);

}  // namespace souk::gateway
