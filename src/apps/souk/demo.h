#pragma once

#include "apps/souk/config.h"
#include "domain/base/error.h"

namespace souk::app {

/// Makes two stores (EUR with tax included, JPY with tax added) from the catalogues in the binary,
/// then walks a purchase over HTTP and prints every step. Errors: those of opening; conflict when
/// the directory has the stores already.
[[nodiscard]] Result<void> demo(const Config& config);

}  // namespace souk::app
