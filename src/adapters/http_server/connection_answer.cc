#include <algorithm>
#include <utility>

#include "adapters/http_server/connection.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

constexpr std::size_t copied_body_bytes_max = 64 * 1024;   // Larger ones are gathered instead.
constexpr std::size_t output_batch_bytes_max = 64 * 1024;  // Pipelined answers sent at once.

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Connection::Turn Connection::dispatch() {
    served_any_ = true;
    closing_ = closing_ || !reader_->keep_alive();
    if (admission_.spool) {
        // The last piece goes to the disk like the others, which also makes the empty body's file.
        if (!spool_ || !reader_->request().body.empty()) {
            flush_then(Next::spool);
            return Turn::waiting;
        }
        reader_->request().spooled = std::move(spool_);
    }
    if (admission_.spool || admission_.work == Admission::Work::blocking) {
        flush_then(Next::hand_over);
        return Turn::waiting;
    }
    return render(edge_.handle(std::move(reader_->request())));
}

void Connection::hand_over() {
    phase_ = Phase::working;
    set_deadline(Loop::never);
    const bool taken = edge_.workers.offer(
        [self = shared_from_this(), request = std::move(reader_->request())]() mutable {
            Response response = self->edge_.handle(std::move(request));
            Loop& loop = self->loop_;
            loop.post([self = std::move(self), response = std::move(response)]() mutable {
                self->answer(std::move(response));
            });
        });
    if (!taken) {
        edge_.telemetry.count("souk_http_requests_refused_total");
        answer(edge_.refuse(503, "The server has too much to do right now.", nullptr));
    }
}

void Connection::answer(Response response) {
    if (phase_ == Phase::closed) {
        return;
    }
    if (render(std::move(response)) == Turn::over) {
        flush_then(Next::serve);
    }
}

Persistence Connection::persistence() const {
    return closing_ || loop_.draining() ? Persistence::close : Persistence::keep_alive;
}

Connection::Turn Connection::render(Response response) {
    if (!is_sendable(response)) {
        edge_.telemetry.log(LogLevel::error,
                            "a response has a line break in a header, or no final status");
        response = edge_.application->refuse(500, "The response was malformed.", nullptr);
    }
    if (response.deferred) {
        carried_ = std::move(response);
        flush_then(Next::park);
        return Turn::waiting;
    }
    if (response.stream) {
        return render_stream(std::move(response));
    }
    const bool head_only = reader_->request().method == Method::head;
    const std::string_view body = has_body(response.status) ? response.text() : std::string_view{};
    append_head(out_, response,
                {.framing = has_body(response.status) ? Framing::counted : Framing::bodiless,
                 .length = body.size(),
                 .persistence = persistence(),
                 .date_line = loop_.date_line()});
    if (head_only || body.empty()) {
        return end_answer();
    }
    if (body.size() > copied_body_bytes_max) {
        tail_ = std::move(response.body);
    } else {
        out_.append(body);
    }
    return end_answer();
}

Connection::Turn Connection::render_stream(Response response) {
    const bool head_only = reader_->request().method == Method::head;
    stream_framing_ = reader_->is_http_1_0() ? Framing::until_close : Framing::chunked;
    if (!has_body(response.status)) {
        stream_framing_ = Framing::bodiless;
    }
    append_head(
        out_, response,
        {.framing = stream_framing_, .persistence = persistence(), .date_line = loop_.date_line()});
    if (head_only || stream_framing_ == Framing::bodiless) {
        return end_answer();
    }
    stream_ = std::move(response.stream);
    flush_then(Next::pull);
    return Turn::waiting;
}

/// Whether serving may go on at once with what the client sent already.
Connection::Turn Connection::end_answer() {
    if (persistence() == Persistence::close) {
        flush_then(Next::linger);
        return Turn::waiting;
    }
    begin_request();
    if (tail_ || out_.size() > output_batch_bytes_max) {
        flush_then(Next::yield);
        return Turn::waiting;
    }
    return Turn::over;
}

void Connection::pull() {
    phase_ = Phase::working;
    set_deadline(Loop::never);
    edge_.workers.resume([self = shared_from_this(), stream = std::move(stream_)]() mutable {
        Result<std::string> piece = fail(errors::unavailable, "The stream threw.");
        try {
            piece = stream();
        } catch (const std::exception& thrown) {
            piece = fail(errors::unavailable, thrown.what());
        }
        Loop& loop = self->loop_;
        loop.post([self = std::move(self), stream = std::move(stream),
                   piece = std::move(piece)]() mutable {
            self->pulled(std::move(stream), std::move(piece));
        });
    });
}

void Connection::pulled(std::function<Result<std::string>()> stream, Result<std::string> piece) {
    if (phase_ == Phase::closed) {
        return;
    }
    if (!piece) {
        // The status is sent; a broken connection is the only way left to say that this is not all.
        edge_.telemetry.log(LogLevel::error, "a streamed response broke off",
                            {{"why", piece.error().detail}});
        return abort();
    }
    if (piece->empty()) {
        if (stream_framing_ == Framing::chunked) {
            out_.append(last_chunk);
        }
        closing_ = closing_ || stream_framing_ == Framing::until_close;
        if (end_answer() == Turn::over) {
            flush_then(Next::serve);
        }
        return;
    }
    if (stream_framing_ == Framing::chunked) {
        append_chunk(out_, *piece);
    } else {
        out_.append(*piece);
    }
    stream_ = std::move(stream);
    flush_then(Next::pull);
}

void Connection::park() {
    phase_ = Phase::parked;
    const auto left = carried_->deferred->until - edge_.clock.now();
    ticket_ = edge_.parked.park(
        carried_->deferred, [self = shared_from_this()](std::optional<Response> better) mutable {
            Loop& loop = self->loop_;
            loop.post([self = std::move(self), better = std::move(better)]() mutable {
                self->settle(std::move(better));
            });
        });
    if (loop_.draining()) {
        return drain();
    }
    set_deadline(SteadyClock::now() +
                 std::clamp<std::chrono::milliseconds>(left, std::chrono::milliseconds(0),
                                                       std::chrono::hours(1)));
}

void Connection::settle(std::optional<Response> better) {
    if (phase_ == Phase::closed) {
        return;
    }
    ticket_.reset();
    set_deadline(Loop::never);
    Response response = better ? std::move(*better) : std::move(*carried_);
    carried_.reset();
    response.deferred = nullptr;
    answer(std::move(response));
}

}  // namespace souk::http_edge
