#pragma once

#include <string>

#include "domain/base/instant.h"

namespace souk {

/// What Prometheus expects to know of every process (resident memory, CPU time, open files, start),
/// in its text format. What the system does not tell is left out.
[[nodiscard]] std::string process_metrics_text(Instant started);

}  // namespace souk
