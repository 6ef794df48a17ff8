#include "adapters/lambda_runtime/runtime_api.h"

#include "domain/base/clipped_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::string_view runtime_path = "/2018-06-01/runtime";
/// For the Runtime API, which is on the same machine, to take an answer.
constexpr std::chrono::milliseconds post_timeout{10'000};

/// Whether the id can stand in a path and a header as it is.
bool is_invocation_id(std::string_view id) { return !id.empty() && id == percent_encoded(id); }

std::string render(const FunctionError& error) {
    JsonWriter out;
    out.begin_object()
        .member("errorMessage", readable(clipped(error.message, error_message_bytes_max)))
        .member("errorType", error.type)
        .key("stackTrace")
        .begin_array()
        .end_array()
        .end_object();
    return out.take();
}

Result<void> outcome_of(const RuntimeReply& reply) {
    if (reply.status >= 200 && reply.status < 300) {
        return {};
    }
    const std::string why = cat("The Runtime API answered ", reply.status, ": ",
                                reply.body.substr(0, error_message_bytes_max));
    if (reply.status == 413) {
        return fail(errors::runtime_result_too_large, why);
    }
    // 400 is "InvalidRequestID": the invocation that it names is not open.
    return fail(reply.status >= 400 && reply.status < 500 ? errors::runtime_wrong_state
                                                          : errors::runtime_broken,
                why);
}

}  // namespace

FunctionError function_error(const Error& error) {
    std::string type = "Function.";
    bool word_starts = true;
    for (const char c : error.code.name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) {
            type.push_back(word_starts && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
        }
        word_starts = !letter;
    }
    return {type.ends_with('.') ? type + "Unknown" : type, error.detail};
}

Result<Invocation> RuntimeApi::next() {
    RuntimeReply reply =
        TRY(connection_->exchange({.path = cat(runtime_path, "/invocation/next")}));
    TRY(outcome_of(reply));
    Invocation invocation;
    invocation.id = reply.header("lambda-runtime-aws-request-id");
    if (!is_invocation_id(invocation.id)) {
        return fail(errors::runtime_broken, "The Runtime API sent an invocation without an id.");
    }
    const auto deadline = to_integer(reply.header("lambda-runtime-deadline-ms"));
    invocation.deadline = Instant::from_unix_ms(deadline.value_or(0));
    if (!deadline) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        invocation.deadline =
            Instant::from_unix_ms(
                std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) +
            invocation_time_max;
    }
    invocation.trace = reply.header("lambda-runtime-trace-id");
    invocation.arn = reply.header("lambda-runtime-invoked-function-arn");
    invocation.body = std::move(reply.body);
    return invocation;
}

Result<void> RuntimeApi::respond(std::string_view id, std::string_view result) {
    return post(cat(runtime_path, "/invocation/", id, "/response"), result, {});
}

Result<void> RuntimeApi::report(std::string_view id, const FunctionError& error) {
    return post(cat(runtime_path, "/invocation/", id, "/error"), render(error), error.type);
}

Result<void> RuntimeApi::report_init(const FunctionError& error) {
    return post(cat(runtime_path, "/init/error"), render(error), error.type);
}

Result<void> RuntimeApi::post(std::string path, std::string_view body,
                              std::string_view error_type) {
    RuntimeRequest request{.method = "POST",
                           .path = std::move(path),
                           .headers = {{"Content-Type", "application/json"}},
                           .body = body,
                           .timeout = post_timeout};
    if (!error_type.empty()) {
        request.headers.emplace_back("Lambda-Runtime-Function-Error-Type", error_type);
    }
    return outcome_of(TRY(connection_->exchange(request)));
}

}  // namespace souk::lambda
