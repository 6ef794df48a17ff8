#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/orders/order.h"

/// How an order's parts are written into rows, as versioned JSON.
namespace souk::orders::rows {

inline constexpr int format = 1;
/// Lines in one row. Unit: lines; a row of the longest titles stays far below row_body_max.
inline constexpr std::size_t chunk_lines = 40;

[[nodiscard]] std::string encode_head(const Order& order);
/// Errors: corrupt_row.
[[nodiscard]] Result<Order> decode_head(const OrderId& id, std::string_view body,
                                        std::uint64_t version);
[[nodiscard]] std::string encode_lines(const Order& order, std::size_t first, std::size_t count);
[[nodiscard]] Result<void> decode_lines(Order& order, std::string_view body);
[[nodiscard]] std::string encode_fulfilment(const Fulfilment& fulfilment);
[[nodiscard]] Result<Fulfilment> decode_fulfilment(std::string_view body);
[[nodiscard]] std::string encode_refund(const Refund& refund);
[[nodiscard]] Result<Refund> decode_refund(std::string_view body, std::uint64_t version);

}  // namespace souk::orders::rows
