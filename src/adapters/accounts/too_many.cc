#include "adapters/accounts/too_many.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk {

bool is_recent(Instant at, Instant now, std::chrono::milliseconds window) {
    return at + window > now && at <= now + clock_skew_max;
}

Error too_many(std::string_view what, std::size_t limit, std::chrono::milliseconds window,
               std::chrono::milliseconds wait) {
    const auto seconds = std::max<std::int64_t>((wait.count() + 999) / 1000, 1);
    return {errors::rate_limited,
            cat("Too many ", what, " in ", seconds, " seconds."),
            {},
            {{"retry_after", cat(seconds)},
             {"limit", cat(limit)},
             {"window", cat(window.count() / 1000)}}};
}

}  // namespace souk
