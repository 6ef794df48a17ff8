#pragma once

#include "domain/base/schema.h"

/// The shapes of this service's bodies and answers.
namespace souk::orders {

[[nodiscard]] Schema order_schema();
[[nodiscard]] Schema timeline_schema();
[[nodiscard]] Schema place_order_schema();
[[nodiscard]] Schema fulfil_schema();
[[nodiscard]] Schema refund_request_schema();
[[nodiscard]] Schema cancel_schema();

}  // namespace souk::orders
