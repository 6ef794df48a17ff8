#include "gateway/request_log.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "domain/base/text.h"

namespace souk::gateway {

namespace {

using Clock = std::chrono::steady_clock;

/// What one sends may be anything; as it was checked, or not at all.
/// Source: W3C Trace Context, `00-<32 hex>-<16 hex>-<2 hex>`.
std::string_view sent_traceparent(const Request& request) {
    constexpr std::size_t length = 55;
    const std::string_view sent = request.header("traceparent");
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
    };
    return sent.size() == length && std::ranges::all_of(sent, fits) ? sent : std::string_view{};
}

/// A request's line with all that it tells of its own, since it may outlive the request.
class Answer {
public:
    Answer(Telemetry& telemetry, const RequestLine& line, int carried)
        : telemetry_(telemetry),
          request_id_(line.caller.request_id),
          traceparent_(line.caller.traceparent.empty() ? sent_traceparent(line.request)
                                                       : line.caller.traceparent),
          method_(name_of(line.request.method)),
          route_(line.route),
          store_(line.store ? line.store->text() : ""),
          client_(line.request.peer),
          started_(line.started),
          carried_(carried) {}
    /// It was answered with what it carried, or whoever asked is gone.
    ~Answer() { tell(carried_); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    void tell(int status) {
        if (told_.exchange(true)) {
            return;
        }
        const auto took = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_).count());
        telemetry_.log(LogLevel::notice, "request",
                       {{"request_id", request_id_},
                        {"traceparent", traceparent_},
                        {"method", method_},
                        {"route", route_},
                        {"status", cat(status)},
                        {"duration_ms", cat(took / 1000, '.', zero_padded(took % 1000, 3))},
                        {"store", store_},
                        {"client", client_}});
    }

private:
    Telemetry& telemetry_;
    std::string request_id_, traceparent_, method_, route_, store_, client_;
    Clock::time_point started_;
    int carried_;
    std::atomic<bool> told_ = false;
};

}  // namespace

void log_when_answered(Telemetry& telemetry, const RequestLine& line, Response& response) {
    const auto answer = std::make_shared<Answer>(telemetry, line, response.status);
    if (!response.deferred) {
        return;  // Which tells.
    }
    auto later = std::make_shared<Deferred>(*response.deferred);
    later->poll = [poll = response.deferred->poll, answer]() -> std::optional<Response> {
        auto better = poll();
        if (better) {
            answer->tell(better->status);
        }
        return better;
    };
    response.deferred = std::move(later);
}

}  // namespace souk::gateway
