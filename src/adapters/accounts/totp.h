#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"

/// Time-based one-time passwords: SHA-1, 30 seconds, six digits, which is what every authenticator
/// app takes. Source: RFC 6238, RFC 4226.
namespace souk::totp {

/// Units: bytes. Source: RFC 4226, section 4, R6 (160 bits recommended).
inline constexpr std::size_t secret_bytes = 20;

/// The number of the 30-second step that holds `now`.
[[nodiscard]] std::int64_t step_at(Instant now);
/// The six digits of one step.
[[nodiscard]] std::string code(std::string_view secret, std::int64_t step);
/// The step within one of `now` that `digits` is the code of, if it comes after `last`, the step
/// last accepted: a code works once.
[[nodiscard]] std::optional<std::int64_t> accepted_step(std::string_view secret,
                                                        std::string_view digits, Instant now,
                                                        std::int64_t last);
/// The otpauth:// address that an authenticator app reads from a QR code.
[[nodiscard]] std::string address(std::string_view secret, std::string_view email);

}  // namespace souk::totp
