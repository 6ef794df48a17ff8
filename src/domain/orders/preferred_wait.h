#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace souk::orders {

/// The longest that an answer waits for an order to settle.
inline constexpr std::chrono::seconds wait_max{20};

/// How long the header `Prefer` asks to wait, wait_max at most; nothing if it does not, or in no
/// seconds above 0. Shape: `wait=N`. Source: RFC 7240 section 4.3.
[[nodiscard]] std::optional<std::chrono::seconds> preferred_wait(std::string_view prefer);

}  // namespace souk::orders
