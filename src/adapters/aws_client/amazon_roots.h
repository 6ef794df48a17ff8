#pragma once

#include <string_view>

namespace souk::aws {

/// The certificates that AWS's own chains end in, as PEM blocks one after the other.
[[nodiscard]] std::string_view amazon_roots_pem();

}  // namespace souk::aws
