#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "domain/base/error.h"

namespace souk {

/// Argon2id on a thread of its own: one hash at a time, so that a flood of sign-ins can take
/// neither the memory (19 MiB a hash) nor the cores of the machine. Callers block until theirs is
/// done. Source: OWASP Password Storage: Argon2id, 19 MiB, t = 2, p = 1; about 25 ms.
class PasswordHasher {
public:
    /// At most `waiting_max` callers wait; who comes beyond is refused.
    explicit PasswordHasher(std::size_t waiting_max);
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;
    /// Finishes what waits.
    ~PasswordHasher();

    /// A salted hash in the PHC string format. Errors: identity_unavailable when too many wait.
    [[nodiscard]] Result<std::string> hash(std::string_view password);
    /// Whether the password belongs to `stored`; for an unknown account (nothing) it is never so,
    /// and takes exactly as long. Errors: identity_unavailable when too many wait.
    [[nodiscard]] Result<bool> verify(std::string_view password,
                                      const std::optional<std::string>& stored);

private:
    struct Job {
        std::function<void()> work;
        bool done = false;
    };

    Result<void> run(std::function<void()> work);
    void serve();

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable finished_;
    std::deque<Job*> waiting_;  // Each lives on the stack of the caller that waits for it.
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace souk
