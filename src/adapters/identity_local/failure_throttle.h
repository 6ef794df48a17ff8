#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/instant.h"

namespace souk {

/// Counts failed tries per name (an account, known or not) in a sliding minute. A try counts as
/// failed from the moment it is admitted until it is forgiven, so tries made at the same time
/// cannot slip past each other. Held by this process, which is the only one of an embedded home;
/// each try costs a password hash, which bounds how many names a minute can hold.
class FailureThrottle {
public:
    /// Units: failed tries a minute.
    explicit FailureThrottle(std::size_t failures_max) : failures_max_(failures_max) {}

    /// Errors: rate_limited, with the seconds to wait in the problem's member `retry_after`.
    [[nodiscard]] Result<void> admit(std::string_view name, Instant now);
    /// The try that was admitted at `admitted` turned out not to be a failed one.
    void forgive(std::string_view name, Instant admitted);

private:
    void forget_old(Instant now);

    const std::size_t failures_max_;
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<Instant>> tries_;
    std::size_t sweep_at_ = 1024;
};

}  // namespace souk
