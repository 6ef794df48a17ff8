#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "domain/base/instant.h"

namespace souk::notifications {

/// Who may occupy a worker of this process: at most `each_max` turns of one (a store, say) at once,
/// and `all_max` of all together. Thread-safe; outlives its turns.
class Turns {
public:
    Turns(std::size_t each_max, std::size_t all_max) : each_max_(each_max), all_max_(all_max) {}
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;

    /// Ends when it goes.
    using Turn = std::shared_ptr<void>;
    /// Null where `whose` has as many as it may, or all together have.
    [[nodiscard]] Turn begin(std::string_view whose, Instant now);
    [[nodiscard]] std::size_t under_way() const;
    /// Whether `whose` has turns, each of them for longer than hangs_after.
    [[nodiscard]] bool hang(std::string_view whose, Instant now) const;

private:
    struct Begun {
        std::string whose;
        Instant at;
    };

    const std::size_t each_max_;
    const std::size_t all_max_;
    mutable std::mutex mutex_;
    std::list<Begun> begun_;  // All_max at most: no more than a look through them is worth.
};

}  // namespace souk::notifications
