#include "adapters/lambda_runtime/run_loop.h"

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

using SystemTime = std::chrono::system_clock::time_point;

constexpr const char* trace_variable = "_X_AMZN_TRACE_ID";
/// The system clock counts nanoseconds, which end in 2262.
constexpr std::int64_t system_time_ms_max = 9'000'000'000'000;

SystemTime to_system_time(Instant instant) {
    const auto ms = std::clamp<std::int64_t>(instant.unix_ms(), 0, system_time_ms_max);
    return SystemTime(std::chrono::milliseconds(ms));
}

void announce_trace(const std::string& trace) {
    // Between invocations no thread reads the environment: NOLINTBEGIN(concurrency-mt-unsafe)
    if (trace.empty()) {
        ::unsetenv(trace_variable);
    } else {
        ::setenv(trace_variable, trace.c_str(), 1);
    }  // NOLINTEND(concurrency-mt-unsafe)
}

std::expected<std::string, FunctionError> handled(const InvocationHandler& handler,
                                                  const Invocation& invocation) {
    try {
        auto result = handler(invocation);
        if (!result) {
            return std::unexpected(function_error(result.error()));
        }
        if (result->size() > payload_bytes_max) {
            return std::unexpected(FunctionError{"Function.ResponseSizeTooLarge",
                                                 cat("The result has ", result->size(),
                                                     " bytes; at most ", payload_bytes_max, '.')});
        }
        return *std::move(result);
    } catch (const std::exception& thrown) {
        return std::unexpected(FunctionError{"Function.Exception", thrown.what()});
    }
}

/// Whether the loop can go on after this.
bool concerns_one_invocation(const Error& error) {
    return error.code == errors::runtime_result_too_large ||
           error.code == errors::runtime_wrong_state;
}

Result<void> serve(RuntimeApi& api, const InvocationHandler& handler, const LoopContext& context,
                   const Invocation& invocation) {
    const aws::DeadlineScope deadline(
        to_system_time(working_deadline(invocation.deadline, context.clock.now())));
    const aws::TraceScope trace(invocation.trace);
    const auto result = handled(handler, invocation);
    if (result) {
        return api.respond(invocation.id, *result);
    }
    context.telemetry.log(LogLevel::error, "invocation failed",
                          {{"error_type", result.error().type}, {"why", result.error().message}});
    return api.report(invocation.id, result.error());
}

}  // namespace

Instant working_deadline(Instant deadline, Instant now) {
    return std::max(deadline - deadline_margin, now + (deadline - now) / 2);
}

Error run_loop(RuntimeApi& api, const InvocationHandler& handler, const LoopContext& context) {
    for (;;) {
        const auto invocation = api.next();
        if (!invocation) {
            return invocation.error();
        }
        announce_trace(invocation->trace);
        if (context.begin) {
            context.begin(*invocation);
        }
        const auto answered = serve(api, handler, context, *invocation);
        if (!answered) {
            context.telemetry.log(
                LogLevel::error, "an answer was not taken",
                {{"code", answered.error().code.name}, {"why", answered.error().detail}});
        }
        if (context.end) {
            context.end(*invocation);
        }
        if (!answered && !concerns_one_invocation(answered.error())) {
            return answered.error();
        }
    }
}

int run_function(RuntimeApi& api, const LoopContext& context,
                 const std::function<Result<InvocationHandler>()>& make) {
    Result<InvocationHandler> handler = fail(souk::errors::unavailable);
    try {
        handler = make();
    } catch (const std::exception& thrown) {
        handler = fail(souk::errors::unavailable, thrown.what());
    }
    if (handler) {
        const Error why = run_loop(api, *handler, context);
        context.telemetry.log(LogLevel::error, "the runtime loop ended",
                              {{"code", why.code.name}, {"why", why.detail}});
        return EXIT_FAILURE;
    }
    context.telemetry.log(LogLevel::error, "the function cannot start",
                          {{"code", handler.error().code.name}, {"why", handler.error().detail}});
    if (const auto told = api.report_init(function_error(handler.error())); !told) {
        context.telemetry.log(LogLevel::error, "the Runtime API did not take the reason",
                              {{"why", told.error().detail}});
    }
    return EXIT_FAILURE;
}

}  // namespace souk::lambda
