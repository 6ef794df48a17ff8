#pragma once

#include "domain/base/error.h"

namespace souk::orders::errors {
inline constexpr ErrorCode cart_empty{"cart_empty", ErrorKind::invalid};
inline constexpr ErrorCode email_required{"email_required", ErrorKind::invalid};
/// The cart is another than the shopper saw.
inline constexpr ErrorCode cart_changed{"cart_changed", ErrorKind::conflict};
inline constexpr ErrorCode price_changed{"price_changed", ErrorKind::conflict};
inline constexpr ErrorCode item_unavailable{"item_unavailable", ErrorKind::conflict};
/// An order of this cart is under way or done; the problem names it.
inline constexpr ErrorCode cart_already_ordered{"cart_already_ordered", ErrorKind::conflict};
/// The order's status does not allow this.
inline constexpr ErrorCode illegal_transition{"illegal_transition", ErrorKind::conflict};
inline constexpr ErrorCode order_not_cancellable{"order_not_cancellable", ErrorKind::conflict};
inline constexpr ErrorCode nothing_to_fulfil{"nothing_to_fulfil", ErrorKind::conflict};
inline constexpr ErrorCode nothing_to_refund{"nothing_to_refund", ErrorKind::conflict};
inline constexpr ErrorCode too_many_parts{"too_many_parts", ErrorKind::conflict};
}  // namespace souk::orders::errors
