#pragma once

#include <functional>
#include <string>
#include <vector>

#include "domain/ports/identity.h"
#include "domain/ports/route.h"

namespace souk::gateway {

/// What the operator's pages show; each is asked per request.
struct OperatorPages {
    std::function<Result<void>()> ready;  // An error: not now, and why.
    // Prometheus text format, for those who may read it.
    std::function<Result<std::string>(const Request&)> metrics;
    std::function<std::string()> openapi;  // JSON
};

/// /healthz, /readyz, /metrics, /openapi.json and the OpenID pages below /.well-known.
[[nodiscard]] std::vector<Route> operator_routes(OperatorPages pages, Identity& identity);

/// Whether it is /healthz or /readyz, which whoever watches the process asks from one address.
[[nodiscard]] bool is_probe(const Route& route);

}  // namespace souk::gateway
