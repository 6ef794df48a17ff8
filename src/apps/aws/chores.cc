#include "apps/aws/chores.h"

namespace souk::app {

Result<int> sweep_until(const std::vector<Services::Chore>& chores, Instant until,
                        const Clock& clock) {
    int settled = 0;
    for (const auto& chore : chores) {
        int done = 1;
        while (done > 0 && clock.now() + chore.longest < until) {
            done = TRY(chore.sweep(clock.now()));
            settled += done;
        }
    }
    return settled;
}

}  // namespace souk::app
