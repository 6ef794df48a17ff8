#pragma once

#include <functional>

#include "adapters/lambda_runtime/runtime_api.h"
#include "domain/ports/clock.h"
#include "domain/ports/telemetry.h"

namespace souk::lambda {

/// What is left of an invocation's time to render, post and flush once its work must have ended.
inline constexpr std::chrono::milliseconds deadline_margin{500};
/// When work on an invocation must have ended: the margin before Lambda's deadline, or after half
/// of the time that is left where that is later.
[[nodiscard]] Instant working_deadline(Instant deadline, Instant now);

/// What a loop runs on; the references outlive it. Either function may be empty.
struct LoopContext {
    Clock& clock;
    Telemetry& telemetry;
    /// Before the handler.
    std::function<void(const Invocation&)> begin = {};
    /// After the answer was posted, before the next invocation is asked for: the last moment before
    /// the process may be frozen.
    std::function<void(const Invocation&)> end = {};
};

/// Answers one invocation after the other until the Runtime API ends it, and returns why.
/// During the handler AWS calls end at `working_deadline` and carry the invocation's trace, which
/// the variable _X_AMZN_TRACE_ID names too. A handler's error, exception or oversized result fails
/// its invocation alone.
[[nodiscard]] Error run_loop(RuntimeApi& api, const InvocationHandler& handler,
                             const LoopContext& context);

/// Makes the handler, then runs the loop. An error of `make` is posted as the function's failure to
/// start. Returns the exit status of the process, which is never 0: a function ends by being
/// stopped.
[[nodiscard]] int run_function(RuntimeApi& api, const LoopContext& context,
                               const std::function<Result<InvocationHandler>()>& make);

}  // namespace souk::lambda
