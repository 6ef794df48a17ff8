#include "apps/services/further_sweeps.h"

#include <system_error>

#include "domain/notifications/limits.h"

namespace souk::app {

FurtherSweeps::~FurtherSweeps() {
    for (Running& sweep : running_) {
        sweep.thread.request_stop();  // Of all of them before the first is waited for.
    }
}

Result<void> FurtherSweeps::begin(Instant now) {
    const std::scoped_lock lock(mutex_);
    running_.remove_if([](const Running& sweep) { return sweep.done.load(); });
    if (running_.size() + 1 >= notifications::sweeps_max) {
        return {};
    }
    Running& fresh = running_.emplace_back();
    try {
        fresh.thread = std::jthread(
            [this, &fresh, now](const std::stop_token& stop) { run(fresh, now, stop); });
    } catch (const std::system_error& error) {
        running_.pop_back();
        return fail(errors::unavailable, error.what());
    }
    return {};
}

void FurtherSweeps::run(Running& self, Instant now, const std::stop_token& stop) const {
    auto swept = sweep_(now);
    // Behind a full batch there is more: a busy store's events for an endpoint that is quick, say.
    while (swept && *swept >= notifications::sweep_batch_max && !stop.stop_requested()) {
        swept = sweep_(environment_.now());
    }
    if (!swept) {
        environment_.telemetry.log(LogLevel::error, "sweep failed",
                                   {{"sweep", "notifications.deliveries.2"},
                                    {"code", swept.error().code.name},
                                    {"detail", swept.error().detail}});
    }
    self.done = true;
}

}  // namespace souk::app
