#include "adapters/http_server/connection.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "adapters/http_server/listener.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 64 * 1024;
constexpr std::size_t spool_piece_bytes = 256 * 1024;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

using SteadyClock = std::chrono::steady_clock;

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Wire> wire, std::string peer)
    : loop_(loop), edge_(loop.edge()), wire_(std::move(wire)), peer_(std::move(peer)) {}

void Connection::start() {
    begin_request();
    set_deadline(SteadyClock::now() + edge_.options.limits.head_timeout);
    wire_->open(shared_from_this());
}

void Connection::begin_request() {
    reader_.emplace(edge_.options.limits);
    spool_.reset();
    since_ = {};
}

void Connection::opened(bool usable) {
    if (phase_ == Phase::closed) {
        return;
    }
    if (!usable) {
        return close();
    }
    read();
}

bool Connection::is_idle() const {
    return phase_ == Phase::reading && !reader_->started() && input_.empty();
}

void Connection::read() {
    phase_ = Phase::reading;
    const bool in_body = reader_->head_done();
    if (!in_body && input_.empty()) {
        input_.trim(head_read_bytes);
    }
    if (is_idle() && loop_.draining() && !wire_->has_input()) {
        return close();
    }
    if (in_body && !may_keep(footprint())) {
        return refuse(503, "The server keeps too many bodies right now.");
    }
    set_deadline(reading_deadline());
    const auto space = input_.space(in_body ? body_read_bytes : head_read_bytes);
    wire_->read(space.bytes, space.size, shared_from_this());
}

Loop::Time Connection::reading_deadline() {
    const HttpLimits& limits = edge_.options.limits;
    if (reader_->head_done()) {
        return transfer_deadline(since_, reader_->body_bytes());
    }
    if (is_idle()) {
        return SteadyClock::now() + (served_any_ ? limits.idle_timeout : limits.head_timeout);
    }
    if (since_ == Loop::Time{}) {
        since_ = SteadyClock::now();
    }
    return since_ + limits.head_timeout;
}

void Connection::received(std::size_t bytes) {
    switch (phase_) {
        case Phase::lingering: return discard(bytes);
        case Phase::reading: break;
        case Phase::opening:
        case Phase::sending:
        case Phase::working:
        case Phase::parked:
        case Phase::closed: return;
    }
    if (refuse_when_read_) {
        return refuse(408, "The request took too long to arrive.");
    }
    if (bytes == 0) {
        return close();
    }
    if (is_idle()) {
        since_ = SteadyClock::now();
    }
    input_.received(bytes);
    serve();
}

void Connection::discard(std::size_t bytes) {
    lingered_ += bytes;
    if (bytes == 0 || lingered_ > edge_.options.limits.lingered_bytes_max) {
        return close();
    }
    const auto space = input_.space(head_read_bytes);
    wire_->read(space.bytes, space.size, shared_from_this());
}

void Connection::serve() {
    phase_ = Phase::reading;
    for (std::size_t served = 0; served < edge_.options.limits.pipelined_max;) {
        switch (reader_->advance(input_)) {
            case RequestReader::Step::more: return flush_then(Next::read);
            case RequestReader::Step::refused:
                return refuse(reader_->refusal().status, reader_->refusal().detail);
            case RequestReader::Step::head:
                if (admit() == Turn::waiting) {
                    return;
                }
                break;
            case RequestReader::Step::piece: return flush_then(Next::spool);
            case RequestReader::Step::complete:
                if (dispatch() == Turn::waiting) {
                    return;
                }
                ++served;
                break;
        }
    }
    flush_then(Next::yield);
}

Connection::Turn Connection::admit() {
    believe_proxy();
    admission_ = edge_.application->admit(reader_->request());
    if (!reader_->has_body()) {
        return Turn::over;
    }
    std::uint64_t bytes_max = admission_.body_max;
    if (admission_.spool) {
        reader_->spool(spool_piece_bytes);
        bytes_max = std::min(bytes_max, edge_.options.limits.spooled_body_bytes_max);
    }
    if (!reader_->accept_body(bytes_max)) {
        refuse(413, "The body is larger than this route takes.");
        return Turn::waiting;
    }
    if (admission_.spool) {
        flush_then(Next::judge);
        return Turn::waiting;
    }
    await_body();
    return Turn::over;
}

/// On a worker, since who may send a large body is asked of the ledger. What the client sends
/// meanwhile stays unread.
void Connection::judge() {
    phase_ = Phase::working;
    set_deadline(Loop::never);
    const bool taken = edge_.workers.offer([self = shared_from_this()]() mutable {
        std::optional<Response> refusal = self->edge_.judge(self->reader_->request());
        Loop& loop = self->loop_;
        loop.post([self = std::move(self), refusal = std::move(refusal)]() mutable {
            self->judged(std::move(refusal));
        });
    });
    if (!taken) {
        edge_.telemetry.count("souk_http_requests_refused_total");
        refuse(503, "The server has too much to do right now.");
    }
}

void Connection::judged(std::optional<Response> refusal) {
    if (phase_ == Phase::closed) {
        return;
    }
    if (refusal) {
        return turn_away(*std::move(refusal));
    }
    reader_->request().judged = true;
    await_body();
    serve();
}

void Connection::await_body() {
    if (reader_->expects_continue() && input_.empty()) {
        out_.append(continue_line);
    }
    since_ = SteadyClock::now();
}

void Connection::believe_proxy() {
    Request& request = reader_->request();
    request.peer = peer_;
    if (edge_.trusted_proxies.empty() || !edge_.trusted_proxies.contains(peer_)) {
        return;
    }
    // The last entry is the one that the trusted proxy itself wrote. Where that names another
    // trusted one, it is whom that had before it: until one who could have written anything.
    for (const auto& [name, value] : std::views::reverse(request.headers)) {
        if (name != "x-forwarded-for") {
            continue;
        }
        const auto entries = split(value, ',');
        for (const std::string_view entry : std::views::reverse(entries)) {
            boost::system::error_code ec;
            const auto address = boost::asio::ip::make_address(std::string(trimmed(entry)), ec);
            if (ec) {
                return;
            }
            request.peer = canonical(address);
            if (!edge_.trusted_proxies.contains(request.peer)) {
                return;
            }
        }
    }
}

/// A worker writes the piece, since a disk may make it wait; nothing is read meanwhile.
void Connection::spool() {
    phase_ = Phase::working;
    set_deadline(Loop::never);
    paused_ = SteadyClock::now();
    edge_.workers.resume([self = shared_from_this(), file = std::move(spool_),
                          piece = std::exchange(reader_->request().body, {})]() mutable {
        Result<std::shared_ptr<SpoolFile>> kept = std::move(file);
        if (!*kept) {
            kept = SpoolFile::create(self->edge_.options.spool_directory, self->edge_.spool_room);
        }
        if (kept) {
            if (auto stored = (*kept)->append(piece); !stored) {
                kept = fail(std::move(stored).error());
            }
        }
        Loop& loop = self->loop_;
        loop.post([self = std::move(self), kept = std::move(kept)]() mutable {
            self->spooled(std::move(kept));
        });
    });
}

void Connection::spooled(Result<std::shared_ptr<SpoolFile>> file) {
    if (phase_ == Phase::closed) {
        return;
    }
    if (!file && file.error().code == errors::spool_full) {
        edge_.telemetry.count("souk_http_requests_refused_total");
        return refuse(503, file.error().detail);
    }
    if (!file) {
        edge_.telemetry.log(LogLevel::error, "a body could not be spooled",
                            {{"why", file.error().detail}});
        return refuse(503, "The body could not be stored.");
    }
    spool_ = std::move(*file);
    since_ += SteadyClock::now() - paused_;
    serve();
}

void Connection::refuse(int status, std::string_view detail) {
    turn_away(edge_.refuse(status, detail, reader_->head_done() ? &reader_->request() : nullptr));
}

/// The last answer of a connection, whose request is not read to its end.
void Connection::turn_away(Response response) {
    refuse_when_read_ = false;
    closing_ = true;
    std::string().swap(reader_->request().body);
    response.stream = nullptr;
    response.deferred = nullptr;
    answer(std::move(response));
}

void Connection::overdue() {
    set_deadline(Loop::never);
    switch (phase_) {
        case Phase::opening:
        case Phase::lingering: return close();
        case Phase::reading:
            if (is_idle()) {
                return close();
            }
            // The read must be over before anything else uses the wire.
            refuse_when_read_ = true;
            return wire_->cancel();
        case Phase::sending: return abort();
        case Phase::parked: return edge_.parked.expire(ticket_);
        case Phase::working:
        case Phase::closed: return;
    }
}

bool Connection::is_spare() const {
    return phase_ == Phase::opening || (phase_ == Phase::reading && !reader_->head_done());
}

bool Connection::make_room() {
    if (wire_->has_input()) {
        return false;
    }
    close();
    return true;
}

void Connection::drain() {
    switch (phase_) {
        case Phase::reading:
            // Not closed at once: the read may have ended with a request that is yet to be told.
            if (is_idle() && !wire_->has_input()) {
                wire_->cancel();
            }
            return;
        case Phase::parked:
            if (edge_.parked.release(ticket_)) {
                settle(std::nullopt);
            }
            return;
        case Phase::opening:
        case Phase::sending:
        case Phase::working:
        case Phase::lingering:
        case Phase::closed: return;
    }
}

void Connection::close() {
    if (phase_ == Phase::closed) {
        return;
    }
    phase_ = Phase::closed;
    deadline_ = Loop::never;
    static_cast<void>(may_keep(0));
    if (ticket_) {
        edge_.parked.release(ticket_);
        ticket_.reset();
    }
    wire_->close();
    loop_.forget(*this);
}

}  // namespace souk::http_edge
