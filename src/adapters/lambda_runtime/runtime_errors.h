#pragma once

#include "domain/base/error.h"

namespace souk::lambda::errors {

/// AWS_LAMBDA_RUNTIME_API is not an IPv4 address (or localhost) with a port.
inline constexpr ErrorCode runtime_misconfigured{"runtime_misconfigured", ErrorKind::invalid};
/// The Runtime API cannot be reached, or does not answer.
inline constexpr ErrorCode runtime_unreachable{"runtime_unreachable", ErrorKind::unavailable};
/// 403: the invocation is not open (any more), e.g. it was answered already.
inline constexpr ErrorCode runtime_wrong_state{"runtime_wrong_state", ErrorKind::conflict};
/// 413: the result was too large; Lambda has failed the invocation itself.
inline constexpr ErrorCode runtime_result_too_large{"runtime_result_too_large", ErrorKind::invalid};
/// 5xx, or no HTTP at all: the process is to exit promptly.
inline constexpr ErrorCode runtime_broken{"runtime_broken", ErrorKind::corrupt};

}  // namespace souk::lambda::errors
