#pragma once

#include <string>

#include "domain/orders/order.h"

/// The `data` of this service's events, as docs/api/events.yaml lists them.
namespace souk::orders {

[[nodiscard]] std::string placed_body(const Order& order);
[[nodiscard]] std::string confirmed_body(const Order& order);
[[nodiscard]] std::string cancelled_body(const Order& order);
[[nodiscard]] std::string fulfilled_body(const Order& order, const Fulfilment& fulfilment);
[[nodiscard]] std::string refunded_body(const Order& order, const Refund& refund);
[[nodiscard]] std::string refund_requested_body(const Order& order, const Refund& refund);

}  // namespace souk::orders
