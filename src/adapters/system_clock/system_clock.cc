#include "adapters/system_clock/system_clock.h"

#include <chrono>

namespace souk {

Instant SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Instant::from_unix_ms(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

}  // namespace souk
