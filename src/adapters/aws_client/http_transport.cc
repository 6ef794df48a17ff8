#include "adapters/aws_client/http_transport.h"

#include <algorithm>
#include <array>
#include <utility>

namespace souk::aws {

namespace {

constexpr std::size_t read_bytes = 16UL * 1024;

bool is_over(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

}  // namespace

/// How the exchange over one connection ended.
struct HttpTransport::Outcome {
    Result<HttpAnswer> answer = fail(errors::aws_no_answer);
    bool nothing_sent = false;
    /// The peer was gone before it said anything.
    bool dropped = false;
};

HttpTransport::HttpTransport(Settings settings)
    : settings_(std::move(settings)), trust_(settings_.ca_file), pool_(settings_.pool) {}

Result<void> HttpTransport::warm() {
    TRY(trust_.context());
    return {};
}

HttpTransport::Outcome HttpTransport::exchange(const Origin& origin,
                                               std::unique_ptr<Connection> connection,
                                               const HttpRequest& request, std::string_view message,
                                               Deadline deadline) {
    Outcome outcome;
    const std::uint64_t sent_before = connection->bytes_sent();
    const auto written = connection->write(message, deadline);
    if (!written && connection->bytes_sent() == sent_before) {
        outcome.nothing_sent = outcome.dropped = true;
        outcome.answer = fail(errors::aws_not_sent, written.error().detail);
        return outcome;
    }
    // A service that refuses a request may say so, and hang up, before it has read all of it.
    using http_answer::AnswerReader;
    AnswerReader reader(
        answer_limits, errors::aws_no_answer,
        request.method == "HEAD" ? AnswerReader::Body::none : AnswerReader::Body::expected);
    std::array<char, read_bytes> room;
    bool silent = true;
    while (!reader.done()) {
        const auto got = connection->read(room, deadline);
        if (!got) {
            outcome.dropped = silent && !is_over(deadline);
            outcome.answer = fail(written ? got.error() : written.error());
            return outcome;
        }
        const auto progress = *got == 0 ? reader.end() : reader.take({room.data(), *got});
        if (!progress) {
            outcome.dropped = silent && *got == 0;
            outcome.answer = fail(progress.error());
            return outcome;
        }
        if (*got == 0) {
            break;
        }
        silent = false;
    }
    if (written && reader.can_go_on()) {
        pool_.put(origin, std::move(connection));
    }
    outcome.answer = std::move(reader).answer();
    return outcome;
}

Result<HttpAnswer> HttpTransport::send(const Origin& origin, const HttpRequest& request,
                                       Deadline deadline) {
    const std::string message = TRY(render(request, origin));
    if (auto kept = pool_.take(origin)) {
        Outcome outcome = exchange(origin, std::move(kept), request, message, deadline);
        const bool may_repeat = outcome.nothing_sent || request.repeat == Repeat::idempotent;
        if (outcome.answer || !outcome.dropped || !may_repeat) {
            return std::move(outcome.answer);
        }
    }
    const Deadline connected_by =
        std::min(deadline, std::chrono::steady_clock::now() + settings_.connect_time_max);
    auto fresh = TRY(Connection::open(origin, trust_, connected_by));
    return std::move(exchange(origin, std::move(fresh), request, message, deadline).answer);
}

}  // namespace souk::aws
