#pragma once

#include "domain/base/error.h"

namespace souk::errors {
inline constexpr ErrorCode invalid_query{"invalid_query", ErrorKind::invalid};
inline constexpr ErrorCode webhooks_limit_reached{"webhooks_limit_reached", ErrorKind::conflict};
inline constexpr ErrorCode webhook_disabled{"webhook_disabled", ErrorKind::conflict};
inline constexpr ErrorCode delivery_under_way{"delivery_under_way", ErrorKind::conflict};
/// Too many secrets still sign; the oldest has to run out first.
inline constexpr ErrorCode secrets_limit_reached{"secrets_limit_reached", ErrorKind::conflict};
}  // namespace souk::errors
