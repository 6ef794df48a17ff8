#pragma once

#include <string_view>

#include "domain/base/error.h"

namespace souk {

/// Whether a password may be chosen for the account of `email`: 8..128 code points of UTF-8, not
/// the e-mail itself, not one of the most common ones (letters compared without case). Errors:
/// weak_password, saying which rule. Source: NIST SP 800-63B 5.1.1.2. It is hashed as it came,
/// without Unicode normalisation.
[[nodiscard]] Result<void> check_password(std::string_view password, std::string_view email);

}  // namespace souk
