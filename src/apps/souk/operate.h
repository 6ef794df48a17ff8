#pragma once

#include "apps/souk/control.h"

namespace souk::app {

class Home;

/// Carries out one of the operator's commands on an open home. What went wrong is written to
/// `output`.
[[nodiscard]] Exit operate(Home& home, const OperatorCommand& command, Output& output);

}  // namespace souk::app
