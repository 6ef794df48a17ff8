#pragma once

#include "domain/base/error.h"

namespace souk::carts::errors {
/// The cart is being ordered, was ordered, or went into another.
inline constexpr ErrorCode cart_not_open{"cart_not_open", ErrorKind::conflict};
inline constexpr ErrorCode cart_full{"cart_full", ErrorKind::invalid};
}  // namespace souk::carts::errors
