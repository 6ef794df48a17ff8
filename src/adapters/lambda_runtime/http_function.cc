#include "adapters/lambda_runtime/http_function.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "adapters/lambda_runtime/http_event.h"
#include "adapters/lambda_runtime/http_result.h"
#include "adapters/lambda_runtime/run_loop.h"
#include "domain/base/text.h"
#include "domain/ports/request_head.h"

namespace souk::lambda {

namespace {

constexpr std::string_view too_large_to_answer =
    "The answer is larger than can be sent. Ask for less of it.";
constexpr std::string_view failed_within = "The request failed for a reason within the server.";

/// A body that came with its event.
class HeldBody final : public SpooledBody {
public:
    explicit HeldBody(std::string bytes) : bytes_(std::move(bytes)) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = bytes_.substr(read_, bytes_max);
        read_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return bytes_.size(); }
    void rewind() override { read_ = 0; }

private:
    std::string bytes_;
    std::size_t read_ = 0;
};

}  // namespace

HttpFunction::HttpFunction(HttpApplication& application, Clock& clock, Telemetry& telemetry,
                           Pause pause)
    : application_(application),
      clock_(clock),
      telemetry_(telemetry),
      pause_(pause ? std::move(pause)
                   : [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }) {}

Result<std::string> HttpFunction::operator()(const Invocation& invocation) const {
    const JsonDocument event = TRY(JsonDocument::parse(invocation.body));
    return serve(event.root(), working_deadline(invocation.deadline, clock_.now()));
}

Result<std::string> HttpFunction::serve(JsonView event, Instant until) const {
    auto request = parse_http_event(event);
    if (request) {
        const Request head = head_of(*request);  // The request itself is given away.
        return render(handle(*std::move(request), head, until), head);
    }
    if (request.error().code == errors::http_body_undecodable) {
        return render(application_.refuse(400, request.error().detail, nullptr), {});
    }
    return fail(std::move(request).error());
}

Response HttpFunction::handle(Request request, const Request& head, Instant until) const {
    const Admission admission = application_.admit(head);
    if (request.body.size() > admission.body_max) {
        return application_.refuse(413, "The body is larger than this route takes.", &head);
    }
    if (admission.spool) {
        request.spooled = std::make_shared<HeldBody>(std::exchange(request.body, {}));
    }
    try {
        Response response = settled(application_.handle(std::move(request)), until);
        if (head.method == Method::head) {
            response.stream = nullptr;  // Nobody would see what it yields.
        }
        return collected(std::move(response), head);
    } catch (const std::exception& thrown) {
        telemetry_.log(LogLevel::error, "a request handler threw", {{"what", thrown.what()}});
    }
    return application_.refuse(500, failed_within, &head);
}

Response HttpFunction::settled(Response response, Instant until) const {
    const auto deferred = std::exchange(response.deferred, nullptr);
    if (!deferred) {
        return response;
    }
    const Instant last = std::min(until, deferred->until);
    std::chrono::milliseconds pause = poll_pause_min;
    for (;;) {
        // Before the poll, so that the last one sees everything up to the end.
        const Instant now = clock_.now();
        if (auto better = polled(*deferred)) {
            better->deferred = nullptr;
            return *std::move(better);
        }
        if (now >= last) {
            return response;
        }
        pause_(std::min(pause, last - now));
        pause = std::min(pause * 2, poll_pause_max);
    }
}

std::optional<Response> HttpFunction::polled(const Deferred& deferred) const {
    try {
        return deferred.poll();
    } catch (const std::exception& thrown) {
        telemetry_.log(LogLevel::error, "a deferred response threw", {{"what", thrown.what()}});
        return std::nullopt;
    }
}

Response HttpFunction::collected(Response response, const Request& head) const {
    if (!response.stream) {
        return response;
    }
    const auto stream = std::exchange(response.stream, nullptr);
    auto whole = std::make_shared<std::string>();
    for (;;) {
        auto piece = stream();
        if (!piece) {
            telemetry_.log(LogLevel::error, "a streamed response broke off",
                           {{"why", piece.error().detail}});
            return application_.refuse(500, failed_within, &head);
        }
        if (piece->empty()) {
            response.body = std::move(whole);
            return response;
        }
        if (whole->size() + piece->size() > payload_bytes_max) {
            return application_.refuse(413, too_large_to_answer, &head);
        }
        whole->append(*piece);
    }
}

std::string HttpFunction::render(Response response, const Request& head) const {
    if (!is_sendable(response)) {
        telemetry_.log(LogLevel::error,
                       "a response has a line break in a header, or no final status");
        response = application_.refuse(500, "The response was malformed.", &head);
    }
    if (response.text().size() <= payload_bytes_max) {
        std::string result = render_http_result(response, head.method);
        if (result.size() <= payload_bytes_max) {
            return result;
        }
    }
    return render_http_result(application_.refuse(413, too_large_to_answer, &head), head.method);
}

}  // namespace souk::lambda
