#pragma once

#include <string_view>

#include "domain/base/json.h"
#include "domain/ports/http.h"

/// API Gateway's HTTP API, payload format 2.0. Source: API Gateway Developer Guide, "AWS Lambda
/// proxy integrations for HTTP APIs".
namespace souk::lambda {

namespace errors {
/// The event lacks what every HTTP event has.
inline constexpr ErrorCode http_event_malformed{"http_event_malformed", ErrorKind::corrupt};
/// The body is said to be base64, and is not.
inline constexpr ErrorCode http_body_undecodable{"http_body_undecodable", ErrorKind::invalid};
}  // namespace errors

/// Whether an HTTP API made the event (in payload format 2.0), rather than a queue or a schedule.
[[nodiscard]] bool is_http_event(JsonView event);

/// The request that the event tells of, with its body in memory and decoded. The authorizer's
/// claims are left out: the gateway verifies the token itself. Errors: http_event_malformed,
/// http_body_undecodable.
[[nodiscard]] Result<Request> parse_http_event(JsonView event);

}  // namespace souk::lambda
