#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http_server/http_server.h"
#include "adapters/http_server/raw_client.h"
#include "domain/ports/clock.h"
#include "domain/ports/http.h"
#include "domain/ports/telemetry.h"

namespace souk::testing {

/// Opens once; whoever waits goes on.
class Gate {
public:
    void open();
    /// False if it did not open within five seconds.
    bool wait();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// Counts, and lets others wait for a count.
class Counter {
public:
    void add();
    [[nodiscard]] int count() const;
    /// False if it did not get there within five seconds.
    bool reaches(int count);

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

class FrozenClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return Instant::from_unix_ms(ms); }
    std::atomic<std::int64_t> ms{1'795'486'020'000};  // Tue, 24 Nov 2026 02:07:00 GMT
};

/// Keeps the log's lines; counts and times are not asked for.
class LogKeeper final : public Telemetry {
public:
    void log(LogLevel, std::string_view message, Labels) override;
    void count(std::string_view, std::int64_t, Labels) override {}
    void time(std::string_view, std::chrono::microseconds, Labels) override {}
    void gauge(std::string_view, std::int64_t, Labels) override {}
    std::unique_ptr<Span> span(std::string_view, std::string_view) override;
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

/// An application whose answers the test sets before the server starts. Without more it answers
/// `METHOD path?query|body`, quickly, and takes bodies of up to 1 MiB.
class ScriptedApplication final : public HttpApplication {
public:
    [[nodiscard]] Admission admit(const Request& head) const override;
    [[nodiscard]] std::optional<Response> judge(const Request& head) override;
    [[nodiscard]] Response handle(Request request) override;
    [[nodiscard]] Response refuse(int status, std::string_view detail,
                                  const Request* head) const override;

    /// Paths that are blocking work.
    std::string blocking_prefix = "/blocking";
    /// Paths whose bodies are spooled.
    std::string spool_prefix = "/spool";
    std::uint64_t body_max = 1024 * 1024;
    /// What refusals say of when to come back; empty: nothing.
    std::string retry_after;
    std::function<Response(Request)> answer;
    std::function<std::optional<Response>(const Request&)> judgement;  // Lets all in, if empty.
    std::atomic<int> handled{0};
    std::atomic<int> judged{0};
};

[[nodiscard]] Response text_response(int status, std::string text);

/// A running server with short timeouts.
class RunningServer {
public:
    /// `change` may alter the options and the application before the start.
    explicit RunningServer(
        const std::function<void(HttpServerOptions&, ScriptedApplication&)>& change = {});

    [[nodiscard]] std::uint16_t port() const { return server.port(); }

    FrozenClock clock;
    LogKeeper telemetry;
    ScriptedApplication application;
    HttpServer server;

private:
    HttpServerOptions configured(
        const std::function<void(HttpServerOptions&, ScriptedApplication&)>& change);
};

[[nodiscard]] std::string get(std::string_view path);
[[nodiscard]] std::string post(std::string_view path, std::string_view body);

}  // namespace souk::testing
