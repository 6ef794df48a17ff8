#pragma once

#include <atomic>
#include <chrono>

#include "domain/ports/clock.h"

namespace souk {

/// A clock that stands still until it is told otherwise. Thread-safe.
class SettableClock final : public Clock {
public:
    /// Starts at 2026-01-01T00:00:00Z unless told otherwise.
    explicit SettableClock(Instant start = Instant::from_unix_ms(1'767'225'600'000))
        : ms_(start.unix_ms()) {}

    [[nodiscard]] Instant now() const override { return Instant::from_unix_ms(ms_.load()); }
    void set(Instant instant) { ms_.store(instant.unix_ms()); }
    void advance(std::chrono::milliseconds by) { ms_.fetch_add(by.count()); }

private:
    std::atomic<std::int64_t> ms_;
};

}  // namespace souk
