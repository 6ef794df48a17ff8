#pragma once

#include <chrono>
#include <functional>

#include "domain/ports/crypto.h"

/// Waiting between two tries of something.
namespace souk::dynamo {

/// The n-th pause is drawn evenly from 0 to min(base·2ⁿ, longest): "full jitter". Units:
/// milliseconds.
struct PauseRange {
    std::chrono::milliseconds base;
    std::chrono::milliseconds longest;
};

class Pauses {
public:
    /// `wait` takes the thread's time; it sleeps when none is given. `crypto` outlives this.
    Pauses(const Crypto& crypto, std::function<void(std::chrono::milliseconds)> wait);

    enum class Outcome { waited, out_of_time };
    /// Waits before try `tries_done` + 1, unless that would pass the thread's deadline.
    [[nodiscard]] Outcome before_next(int tries_done, PauseRange range) const;

private:
    const Crypto& crypto_;
    std::function<void(std::chrono::milliseconds)> wait_;
};

}  // namespace souk::dynamo
