#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "adapters/identity_cognito/user_pool.h"
#include "adapters/jwt/rs256.h"

namespace souk {

/// After a fetch, how long an unknown key id is refused without asking again: forged tokens must
/// not become calls.
inline constexpr std::chrono::milliseconds key_fetch_pause{30'000};
/// The same after a fetch that failed.
inline constexpr std::chrono::milliseconds key_fetch_pause_after_failure{1'000};

/// The pool's public keys, fetched when a token names one that is not here yet. Thread-safe; a
/// known key costs no call.
class PoolKeys {
public:
    /// What they refer to outlives this.
    PoolKeys(UserPool& pool, const Environment& environment)
        : pool_(pool), environment_(environment) {}

    /// Null when the pool has no such key. Errors: identity_unavailable.
    [[nodiscard]] Result<rs256::Key> find(std::string_view id);
    /// The key set as it was last fetched; without keys when it never could be. Shape: RFC 7517.
    [[nodiscard]] std::string document();

private:
    [[nodiscard]] rs256::Key known(std::string_view id) const;
    /// Only one thread fetches; unless it is due, nothing happens.
    Result<void> fetch();

    UserPool& pool_;
    Environment environment_;
    std::mutex fetching_;
    Instant fetch_due_;  // Guarded by fetching_.
    mutable std::shared_mutex mutex_;
    std::map<std::string, rs256::Key, std::less<>> keys_;
    std::string document_;
};

}  // namespace souk
