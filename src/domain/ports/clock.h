#pragma once

#include "domain/base/instant.h"

namespace souk {

/// What time it is. The domain has no other clock.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

}  // namespace souk
