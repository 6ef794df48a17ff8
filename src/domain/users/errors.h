#pragma once

#include "domain/base/error.h"

/// Why the users service itself refuses; what Identity refuses passes through
/// (domain/ports/identity.h).
namespace souk::errors {

inline constexpr ErrorCode too_many_addresses{"too_many_addresses", ErrorKind::conflict};

}  // namespace souk::errors
