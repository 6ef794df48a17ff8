#pragma once

#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/ports/http.h"

/// Errors as HTTP says them. Source: RFC 9457.
namespace souk::gateway {

/// What only the gateway itself finds wrong with a request.
namespace errors {
inline constexpr ErrorCode route_not_found{"route_not_found", ErrorKind::not_found};
inline constexpr ErrorCode method_not_allowed{"method_not_allowed", ErrorKind::invalid};
inline constexpr ErrorCode unsupported_media_type{"unsupported_media_type", ErrorKind::invalid};
inline constexpr ErrorCode invalid_header{"invalid_header", ErrorKind::invalid};
inline constexpr ErrorCode invalid_query{"invalid_query", ErrorKind::invalid};
/// Nothing else is wrong.
inline constexpr ErrorCode unknown_parameter{"unknown_parameter", ErrorKind::invalid};
inline constexpr ErrorCode idempotency_key_required{"idempotency_key_required", ErrorKind::invalid};
inline constexpr ErrorCode idempotency_key_in_flight{"idempotency_key_in_flight",
                                                     ErrorKind::conflict};
inline constexpr ErrorCode store_suspended{"store_suspended", ErrorKind::denied};
inline constexpr ErrorCode malformed_request{"malformed_request", ErrorKind::invalid};
inline constexpr ErrorCode request_timeout{"request_timeout", ErrorKind::invalid};
inline constexpr ErrorCode body_too_large{"body_too_large", ErrorKind::invalid};
inline constexpr ErrorCode target_too_long{"target_too_long", ErrorKind::invalid};
inline constexpr ErrorCode head_too_large{"head_too_large", ErrorKind::invalid};
}  // namespace errors

/// The one table from errors to HTTP status: by code where HTTP has a word for it, else by kind.
[[nodiscard]] int status_of(const ErrorCode& code);
/// The code for a status that a server answers before there is a request.
[[nodiscard]] ErrorCode code_for_refusal(int status);

/// Mistakes that an answer tells one by one: as many as a cart can have lines. How many there are
/// in all, its detail says.
inline constexpr std::size_t errors_told_max = 1000;

/// application/problem+json. Internal failures say nothing of their cause but the request's id.
[[nodiscard]] Response render_problem(const Error& error, std::string_view instance,
                                      std::string_view request_id);

}  // namespace souk::gateway
