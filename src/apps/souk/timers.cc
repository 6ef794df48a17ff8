#include "apps/souk/timers.h"

#include <condition_variable>
#include <mutex>

namespace souk::app {

namespace {
/// A sweep that settles so many has probably left some over.
constexpr int many = 50;
}  // namespace

void Timers::every(std::chrono::milliseconds period, std::string name, Sweep sweep) {
    threads_.emplace_back([this, period, name = std::move(name),
                           sweep = std::move(sweep)](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            const auto settled = sweep(clock_.now());
            if (!settled) {
                telemetry_.log(LogLevel::error, "sweep failed",
                               {{"sweep", name},
                                {"code", settled.error().code.name},
                                {"detail", settled.error().detail}});
            } else if (*settled >= many) {
                continue;
            }
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, period, [] { return false; });
        }
    });
}

void Timers::stop() {
    for (auto& thread : threads_) {
        thread.request_stop();
    }
    threads_.clear();
}

}  // namespace souk::app
