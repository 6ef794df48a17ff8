#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/lambda_runtime/runtime_connection.h"
#include "adapters/lambda_runtime/runtime_errors.h"
#include "domain/base/error.h"
#include "domain/base/instant.h"

/// A process as a Lambda function. Source: AWS Lambda Developer Guide, "Using the Lambda runtime
/// API for custom runtimes" (2018-06-01).
namespace souk::lambda {

/// What an event and a result may hold. Units: bytes. Source: Lambda quotas, "Invocation payload
/// (synchronous)": 6 MB.
inline constexpr std::size_t payload_bytes_max = 6 * 1024 * 1024;
/// The longest that a function may run; the deadline when none is given. Source: Lambda quotas.
inline constexpr std::chrono::minutes invocation_time_max{15};
/// What is kept of an error's message.
inline constexpr std::size_t error_message_bytes_max = 8 * 1024;

/// One event to be answered.
struct Invocation {
    std::string id;
    Instant deadline;   // The process is stopped then.
    std::string body;   // The event, as JSON.
    std::string trace;  // X-Amzn-Trace-Id; may be empty.
    std::string arn;    // The function's; may be empty.
};

/// The result as JSON, or why there is none.
using InvocationHandler = std::function<Result<std::string>(const Invocation&)>;

/// A failure as Lambda reports it.
struct FunctionError {
    std::string type;  // "Function.LedgerBusy": category and reason, letters only.
    std::string message;
};
/// The error's code in camel case, under "Function".
[[nodiscard]] FunctionError function_error(const Error& error);

/// The Lambda Runtime API. Keeps one connection; for one thread.
class RuntimeApi {
public:
    explicit RuntimeApi(RuntimeAddress address)
        : connection_(std::make_unique<RuntimeConnection>(std::move(address))) {}

    /// Waits, without limit, for the next event. Errors: runtime_unreachable; runtime_broken,
    /// runtime_wrong_state (the process is to exit).
    [[nodiscard]] Result<Invocation> next();
    /// Answers an invocation. Errors: runtime_result_too_large and runtime_wrong_state (this
    /// invocation is over, the next may be asked for); runtime_unreachable, runtime_broken.
    [[nodiscard]] Result<void> respond(std::string_view id, std::string_view result);
    /// Fails an invocation. Errors: as `respond`.
    [[nodiscard]] Result<void> report(std::string_view id, const FunctionError& error);
    /// Fails the start of the function; the process is to exit non-zero then. Errors: as `respond`.
    [[nodiscard]] Result<void> report_init(const FunctionError& error);

private:
    [[nodiscard]] Result<void> post(std::string path, std::string_view body,
                                    std::string_view error_type);

    std::unique_ptr<RuntimeConnection> connection_;
};

}  // namespace souk::lambda
