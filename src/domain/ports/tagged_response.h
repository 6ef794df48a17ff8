#pragma once

#include <cstdint>
#include <string>

#include "domain/ports/http.h"

namespace souk {

/// JSON of that of which one version may look different: stock, prices and terms change without it.
/// Its strong ETag is `"7-…"`: If-Match reads the version in front, the rest changes with every
/// byte.
[[nodiscard]] Response tagged_response(int status, std::string json, std::uint64_t version);

}  // namespace souk
