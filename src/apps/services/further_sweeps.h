#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "domain/ports/environment.h"

namespace souk::app {

/// Further sweeps of webhook deliveries, while others wait for endpoints. On threads that are there
/// only as long, so that an idle server has nothing more to wake up for. Thread-safe.
class FurtherSweeps {
public:
    using Sweep = std::function<Result<int>(Instant now)>;

    FurtherSweeps(Sweep sweep, const Environment& environment)
        : sweep_(std::move(sweep)), environment_(environment) {}
    FurtherSweeps(const FurtherSweeps&) = delete;
    FurtherSweeps& operator=(const FurtherSweeps&) = delete;
    /// Waits for those that run; none of them begins another batch.
    ~FurtherSweeps();

    /// Begins one more, unless notifications::sweeps_max run, with the one that is always there. It
    /// goes on for as long as it finds full batches. Errors: unavailable (no thread).
    [[nodiscard]] Result<void> begin(Instant now);

private:
    struct Running {
        std::atomic<bool> done = false;
        std::jthread thread;
    };

    void run(Running& self, Instant now, const std::stop_token& stop) const;

    const Sweep sweep_;
    const Environment environment_;
    std::mutex mutex_;
    std::list<Running> running_;  // Joined when they go.
};

}  // namespace souk::app
