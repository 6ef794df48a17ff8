#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "domain/ports/caller.h"
#include "domain/ports/http.h"
#include "domain/ports/telemetry.h"

namespace souk::gateway {

/// A request as the log tells of it, with what one would follow it by. Never by its path, which may
/// hold what only its owner may know: a cart is opened by its id.
struct RequestLine {
    const Request& request;
    const Caller& caller;
    std::string_view route;
    std::optional<StoreId> store;
    std::chrono::steady_clock::time_point started;
};

/// Writes one notice once the request is answered: of a deferred response, when the better one is
/// given, or nobody waits for it any more.
/// Units:   `duration_ms` with three decimals.
/// Effects: a deferred response is replaced by one that tells. `telemetry` outlives it.
void log_when_answered(Telemetry& telemetry, const RequestLine& line, Response& response);

}  // namespace souk::gateway
