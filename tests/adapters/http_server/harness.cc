#include "adapters/http_server/harness.h"

#include "domain/base/text.h"

namespace souk::testing {

using namespace std::chrono_literals;

void Gate::open() {
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
    }
    changed_.notify_all();
}

bool Gate::wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 5s, [this] { return open_; });
}

void Counter::add() {
    {
        const std::lock_guard lock(mutex_);
        ++count_;
    }
    changed_.notify_all();
}

int Counter::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

bool Counter::reaches(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 5s, [&] { return count_ >= count; });
}

void LogKeeper::log(LogLevel, std::string_view message, Labels) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
}

std::unique_ptr<Span> LogKeeper::span(std::string_view, std::string_view) {
    class Nothing final : public Span {
        void label(std::string_view, std::string_view) override {}
        void failed(std::string_view) override {}
        [[nodiscard]] std::string traceparent() const override { return {}; }
    };
    return std::make_unique<Nothing>();
}

std::vector<std::string> LogKeeper::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

Response text_response(int status, std::string text) {
    Response response;
    response.status = status;
    response.content_type = "text/plain";
    response.body = std::make_shared<const std::string>(std::move(text));
    return response;
}

Admission ScriptedApplication::admit(const Request& head) const {
    Admission admission;
    admission.work =
        head.path.starts_with(blocking_prefix) ? Admission::Work::blocking : Admission::Work::quick;
    admission.body_max = body_max;
    admission.spool = head.path.starts_with(spool_prefix);
    return admission;
}

std::optional<Response> ScriptedApplication::judge(const Request& head) {
    ++judged;
    return judgement ? judgement(head) : std::nullopt;
}

Response ScriptedApplication::handle(Request request) {
    ++handled;
    if (answer) {
        return answer(std::move(request));
    }
    return text_response(
        200, cat(name_of(request.method), ' ', request.path, request.query.empty() ? "" : "?",
                 request.query, '|', request.body));
}

Response ScriptedApplication::refuse(int status, std::string_view detail, const Request*) const {
    Response response = text_response(status, std::string(detail));
    response.content_type = "application/problem+json";
    if (!retry_after.empty()) {
        response.headers.emplace_back("Retry-After", retry_after);
    }
    return response;
}

HttpServerOptions RunningServer::configured(
    const std::function<void(HttpServerOptions&, ScriptedApplication&)>& change) {
    HttpServerOptions options;
    options.port = 0;
    options.io_threads = 1;
    options.workers_max = 2;
    options.limits.linger_timeout = 200ms;
    if (change) {
        change(options, application);
    }
    return options;
}

RunningServer::RunningServer(
    const std::function<void(HttpServerOptions&, ScriptedApplication&)>& change)
    : server(clock, telemetry, configured(change)) {
    const auto started = server.start(application);
    CHECK(started.has_value());
}

std::string get(std::string_view path) {
    return cat("GET ", path, " HTTP/1.1\r\nHost: souk\r\n\r\n");
}

std::string post(std::string_view path, std::string_view body) {
    return cat("POST ", path, " HTTP/1.1\r\nHost: souk\r\nContent-Length: ", body.size(),
               "\r\n\r\n", body);
}

}  // namespace souk::testing
