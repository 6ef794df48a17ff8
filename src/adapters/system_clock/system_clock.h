#pragma once

#include "domain/ports/clock.h"

namespace souk {

/// The machine's clock: UTC, to the millisecond. It may step when the operating system corrects it.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
};

}  // namespace souk
