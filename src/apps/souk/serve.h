#pragma once

#include "apps/souk/config.h"
#include "domain/base/error.h"

namespace souk::app {

/// Opens the home and serves until SIGTERM, SIGINT or SIGHUP, then drains. Errors: what keeps it
/// from opening or listening.
[[nodiscard]] Result<void> serve(const Config& config);

}  // namespace souk::app
