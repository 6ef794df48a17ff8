#pragma once

#include <string>
#include <string_view>

#include "domain/ports/http.h"

namespace souk::lambda {

/// Whether a body of this type goes into the result as text; all else goes as base64.
[[nodiscard]] bool is_text(std::string_view content_type);

/// The response as an HTTP API wants it, in payload format 2.0: headers of one name joined by
/// commas, Set-Cookie apart. What frames the body is API Gateway's: such headers are left out, and
/// so is the body of an answer to HEAD. Shape: neither stream nor deferred; `is_sendable`.
[[nodiscard]] std::string render_http_result(const Response& response, Method method);

}  // namespace souk::lambda
