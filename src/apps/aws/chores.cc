#include "apps/aws/chores.h"

#include <mutex>

#include "adapters/aws_client/side_by_side.h"

namespace souk::app {

Result<int> sweep_until(const std::vector<Services::Chore>& chores, Instant until,
                        const Clock& clock) {
    int settled = 0;
    for (const auto& chore : chores) {
        std::mutex mutex;
        Result<void> outcome;
        aws::side_by_side(chore.at_once, chore.at_once, [&](std::size_t) {
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
        });
        TRY(outcome);
    }
    return settled;
}

}  // namespace souk::app
