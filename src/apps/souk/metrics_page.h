#pragma once

#include <functional>
#include <string>

#include "domain/base/error.h"
#include "domain/ports/http.h"

namespace souk {
class ServerTelemetry;
}

namespace souk::app {

/// /metrics tells how much is sold and what fails. It is for whoever asks directly, from an address
/// that is not public: what a proxy hands on comes from anywhere, also where nobody told that the
/// proxy is one. `to_everyone` shows it to all. `telemetry` outlives it. Errors: forbidden.
[[nodiscard]] std::function<Result<std::string>(const Request&)> metrics_page(
    const ServerTelemetry& telemetry, bool to_everyone);

}  // namespace souk::app
