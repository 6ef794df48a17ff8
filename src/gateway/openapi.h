#pragma once

#include <string>
#include <vector>

#include "domain/ports/route.h"

namespace souk::gateway {

/// The OpenAPI 3.1 document of the route table, as JSON. docs/api/openapi.yaml is this text as
/// YAML, and a test holds the two equal.
[[nodiscard]] std::string render_openapi(const std::vector<Route>& routes);

}  // namespace souk::gateway
