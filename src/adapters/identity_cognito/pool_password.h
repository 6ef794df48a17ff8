#pragma once

#include <string_view>

#include "domain/base/error.h"

namespace souk {

/// Whether a password may be chosen: as check_password, and Cognito takes it (no control
/// characters, no space at either end). Errors: weak_password, saying which rule. Source: Cognito's
/// PasswordType.
[[nodiscard]] Result<void> check_pool_password(std::string_view password, std::string_view email);

/// Whether any account can have this password; if not, the pool need not be asked.
[[nodiscard]] bool is_possible_password(std::string_view password);

}  // namespace souk
