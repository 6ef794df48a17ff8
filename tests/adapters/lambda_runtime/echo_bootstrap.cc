// A Lambda function that does as its event says; tests/aws/test_runtime_api.py runs it under AWS's
// Runtime Interface Emulator.
//
//   {"do": "echo", …}      the event itself
//   {"do": "http", …}      any HTTP API event: the request, as seen by an application
//   {"do": "fail"}         an error, "echo_refused"
//   {"do": "throw"}        an exception
//   {"do": "answer", "bytes": n}    a result of so many bytes
//   {"do": "sleep", "ms": n}        "slept", after so long
//   {"do": "context"}      what the invocation said of itself
// SOUK_ECHO_START=fail: fails to start. SOUK_ECHO_EXTENSION=on: says "stopping" when it is stopped.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "adapters/aws_client/aws_client.h"
#include "adapters/lambda_runtime/http_event.h"
#include "adapters/lambda_runtime/http_function.h"
#include "adapters/lambda_runtime/run_loop.h"
#include "adapters/lambda_runtime/shutdown_notice.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_cloudwatch/cloudwatch_telemetry.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

constexpr ErrorCode echo_refused{"echo_refused", ErrorKind::invalid};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Answers every request with what it was.
class Mirror final : public HttpApplication {
public:
    Admission admit(const Request&) const override { return {.body_max = payload_bytes_max}; }
    Response handle(Request request) override {
        JsonWriter out;
        out.begin_object()
            .member("method", name_of(request.method))
            .member("path", request.path)
            .member("query", request.query)
            .member("peer", request.peer)
            .member("body", request.body)
            .end_object();
        return json_response(200, out.take());
    }
    Response refuse(int status, std::string_view detail, const Request*) const override {
        return json_response(status, json_quoted(detail));
    }
};

std::string context_of(const Invocation& invocation) {
    const auto work_until = aws::DeadlineScope::current()->time_since_epoch();
    JsonWriter out;
    out.begin_object()
        .member("id", invocation.id)
        .member("arn", invocation.arn)
        .member("trace", invocation.trace)
        .member("trace_of_calls", aws::TraceScope::current())
        .member("trace_variable", variable("_X_AMZN_TRACE_ID"))
        .member("deadline_ms", invocation.deadline.unix_ms())
        .member("work_until_ms",
                std::chrono::duration_cast<std::chrono::milliseconds>(work_until).count())
        .end_object();
    return out.take();
}

Result<std::string> obey(const Invocation& invocation, const HttpFunction& http) {
    const JsonDocument event = TRY(JsonDocument::parse(invocation.body));
    if (is_http_event(event.root())) {
        return http(invocation);
    }
    const std::string order = event.root()["do"].text_or("echo");
    if (order == "fail") {
        return fail(echo_refused, "It was told to fail.");
    }
    if (order == "throw") {
        throw std::runtime_error("It was told to throw.");
    }
    if (order == "answer") {
        const auto bytes = static_cast<std::size_t>(event.root()["bytes"].integer_or(2));
        return cat('"', std::string(bytes - 2, 'x'), '"');
    }
    if (order == "sleep") {
        // house: allow sleeping-test: the emulator is to see a handler that takes its time.
        std::this_thread::sleep_for(std::chrono::milliseconds(event.root()["ms"].integer_or(0)));
        return "\"slept\"";
    }
    return order == "context" ? context_of(invocation) : invocation.body;
}

int run() {
    SystemClock clock;
    auto telemetry = CloudWatchTelemetry::make({.log_level = variable("AWS_LAMBDA_LOG_LEVEL"),
                                                .log_format = variable("AWS_LAMBDA_LOG_FORMAT"),
                                                .service = "echo"},
                                               clock);
    const auto address = parse_runtime_address(variable("AWS_LAMBDA_RUNTIME_API"));
    if (!telemetry || !address) {
        std::fputs("The environment of the function is unusable.\n", stderr);
        return EXIT_FAILURE;
    }
    std::unique_ptr<ShutdownNotice> notice;
    if (variable("SOUK_ECHO_EXTENSION") == "on") {
        auto made = ShutdownNotice::make(*address, "souk", [&telemetry] {
            (*telemetry)->log(LogLevel::notice, "stopping");
            std::_Exit(EXIT_SUCCESS);
        });
        if (made) {
            notice = *std::move(made);
        } else {
            (*telemetry)->log(LogLevel::error, made.error().detail);
        }
    }
    Mirror mirror;
    const HttpFunction http(mirror, clock, **telemetry);
    RuntimeApi api(*address);
    const LoopContext context{
        .clock = clock,
        .telemetry = **telemetry,
        .begin = [&](const Invocation& one) { (*telemetry)->begin_invocation(one.id, one.trace); },
        .end = [&](const Invocation&) { (*telemetry)->end_invocation(); }};
    return run_function(api, context, [&]() -> Result<InvocationHandler> {
        if (variable("SOUK_ECHO_START") == "fail") {
            return fail(echo_refused, "It was told not to start.");
        }
        return [&http, &telemetry](const Invocation& one) {
            (*telemetry)->count("souk_echoes_total");
            return obey(one, http);
        };
    });
}

}  // namespace
}  // namespace souk::lambda

int main() { return souk::lambda::run(); }
