#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/clock.h"
#include "domain/ports/telemetry.h"

namespace souk::app {

/// Work that is due by the clock and not by an event. Each has a thread of its own, which sleeps in
/// between.
class Timers {
public:
    Timers(const Clock& clock, Telemetry& telemetry) : clock_(clock), telemetry_(telemetry) {}
    ~Timers() { stop(); }
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;

    /// `sweep` does a bounded batch and tells how many it found; while it finds many it is called
    /// again at once.
    using Sweep = std::function<Result<int>(Instant now)>;
    void every(std::chrono::milliseconds period, std::string name, Sweep sweep);
    void stop();

private:
    const Clock& clock_;
    Telemetry& telemetry_;
    std::vector<std::jthread> threads_;
};

}  // namespace souk::app
