#include "apps/aws/chores.h"

#include <condition_variable>
#include <mutex>

#include "adapters/aws_client/side_by_side.h"

namespace souk::app {

namespace {

Result<int> do_chore(const Services::Chore& chore, Instant until, const Clock& clock) {
    std::mutex mutex;
    std::condition_variable first_ended;
    bool first_is_over = false;
    int settled = 0;
    Result<void> outcome;
    const auto sweep_on = [&] {
        bool goes_on = true;
        while (goes_on && clock.now() + chore.longest < until) {
            const auto done = chore.sweep(clock.now());
            const std::scoped_lock lock(mutex);
            if (!done) {
                outcome = std::unexpected(done.error());
            }
            settled += done.value_or(0);
            goes_on = outcome && *done > 0;
        }
    };
    aws::side_by_side(chore.at_once, chore.at_once, [&](std::size_t i) {
        std::unique_lock lock(mutex);
        if (i > 0 && first_ended.wait_for(lock, chore.period, [&] { return first_is_over; })) {
            return;  // Nothing waits: an idle minute costs one look.
        }
        lock.unlock();
        sweep_on();
        lock.lock();
        first_is_over = first_is_over || i == 0;
        first_ended.notify_all();
    });
    TRY(outcome);
    return settled;
}

}  // namespace

Result<int> sweep_until(const std::vector<Services::Chore>& chores, Instant until,
                        const Clock& clock) {
    int settled = 0;
    for (const auto& chore : chores) {
        settled += TRY(do_chore(chore, until, clock));
    }
    return settled;
}

}  // namespace souk::app
