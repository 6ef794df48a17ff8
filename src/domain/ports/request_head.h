#pragma once

#include "domain/ports/http.h"

namespace souk {

/// A copy of what a request's head says, without body and parameters: what refusals and judgements
/// go by.
[[nodiscard]] Request head_of(const Request& request);

}  // namespace souk
