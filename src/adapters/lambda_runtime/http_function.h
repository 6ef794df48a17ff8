#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "adapters/lambda_runtime/runtime_api.h"
#include "domain/base/json.h"
#include "domain/ports/clock.h"
#include "domain/ports/http.h"
#include "domain/ports/telemetry.h"

namespace souk::lambda {

/// How often a deferred response is asked for: at once, after this pause, after twice as long, and
/// so on up to the longest.
inline constexpr std::chrono::milliseconds poll_pause_min{25};
inline constexpr std::chrono::milliseconds poll_pause_max{400};

/// Serves an application behind an HTTP API: event in, result out. Every request gets a response;
/// only an event that is not an HTTP API's is an error. The references outlive it.
///   body beyond what the route takes        413
///   answer beyond `payload_bytes_max`       413
///   answer that waits (`deferred`)          polled until `until`, or until the work must end
///   answer in pieces (`stream`)             collected; 500 where it breaks off
class HttpFunction {
public:
    using Pause = std::function<void(std::chrono::milliseconds)>;

    /// Without `pause` the thread sleeps.
    HttpFunction(HttpApplication& application, Clock& clock, Telemetry& telemetry,
                 Pause pause = {});

    /// An InvocationHandler. Errors: malformed_json, http_event_malformed.
    [[nodiscard]] Result<std::string> operator()(const Invocation& invocation) const;
    /// The same for an event that is parsed already; `until` is when the work must have ended.
    [[nodiscard]] Result<std::string> serve(JsonView event, Instant until) const;

private:
    [[nodiscard]] Response handle(Request request, const Request& head, Instant until) const;
    [[nodiscard]] Response settled(Response response, Instant until) const;
    [[nodiscard]] std::optional<Response> polled(const Deferred& deferred) const;
    [[nodiscard]] Response collected(Response response, const Request& head) const;
    [[nodiscard]] std::string render(Response response, const Request& head) const;

    HttpApplication& application_;
    Clock& clock_;
    Telemetry& telemetry_;
    Pause pause_;
};

}  // namespace souk::lambda
