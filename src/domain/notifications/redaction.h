#pragma once

#include <string>
#include <string_view>

#include "domain/base/error.h"

namespace souk::notifications {

/// An event's `data` without what only this service may open: every `code_sealed`, at any depth.
/// Errors: malformed_json.
[[nodiscard]] Result<std::string> without_codes(std::string_view json);

}  // namespace souk::notifications
