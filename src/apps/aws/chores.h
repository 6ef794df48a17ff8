#pragma once

#include <vector>

#include "apps/services/services.h"
#include "domain/ports/clock.h"

namespace souk::app {

/// Does each chore, one after the other, until it settles nothing more; what waits for others, on
/// as many threads as it says, of which the further ones begin after its period. Begins no sweep
/// that might wait beyond `until`; whoever calls next goes on. Returns how much was settled.
/// Errors: the sweep's that failed, which ends it.
[[nodiscard]] Result<int> sweep_until(const std::vector<Services::Chore>& chores, Instant until,
                                      const Clock& clock);

}  // namespace souk::app
