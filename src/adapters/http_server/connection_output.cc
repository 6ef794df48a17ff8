#include <algorithm>
#include <utility>

#include "adapters/http_server/connection.h"

namespace souk::http_edge {

namespace {

constexpr std::size_t output_kept_bytes_max = 128 * 1024;  // Of a connection that rests.
constexpr std::size_t lingering_read_bytes = 4 * 1024;

using SteadyClock = std::chrono::steady_clock;

}  // namespace

void Connection::flush_then(Next next) {
    next_ = next;
    if (out_.empty() && !tail_) {
        return proceed();
    }
    sending_since_ = {};
    flush();
}

Wire::Pieces Connection::unsent() const {
    const std::string_view tail = tail_ ? std::string_view(*tail_) : std::string_view{};
    const std::size_t of_out = std::min(sent_, out_.size());
    return {std::string_view(out_).substr(of_out), tail.substr(sent_ - of_out)};
}

void Connection::flush() {
    const auto sent_at_once = wire_->write_now(unsent());
    if (!sent_at_once) {
        return close();
    }
    sent_ += *sent_at_once;
    const Wire::Pieces rest = unsent();
    if (rest[0].empty() && rest[1].empty()) {
        return proceed();
    }
    if (!may_keep(footprint())) {
        edge_.telemetry.count("souk_http_answers_cut_off_total");
        return abort();
    }
    phase_ = Phase::sending;
    if (sending_since_ == Loop::Time{}) {
        sending_since_ = SteadyClock::now();
    }
    set_deadline(transfer_deadline(sending_since_, sent_));
    wire_->write(rest, shared_from_this());
}

void Connection::sent(std::size_t bytes) {
    if (phase_ != Phase::sending) {
        return;
    }
    if (bytes == 0) {
        return close();
    }
    sent_ += bytes;
    const Wire::Pieces rest = unsent();
    return rest[0].empty() && rest[1].empty() ? proceed() : flush();
}

void Connection::proceed() {
    out_.clear();
    if (out_.capacity() > output_kept_bytes_max) {
        std::string().swap(out_);
    }
    tail_.reset();
    sent_ = 0;
    if (kept_bytes_ > 0) {
        static_cast<void>(may_keep(footprint()));
    }
    switch (next_) {
        case Next::read: return read();
        case Next::serve: return serve();
        case Next::yield: return yield();
        case Next::judge: return judge();
        case Next::spool: return spool();
        case Next::hand_over: return hand_over();
        case Next::pull: return pull();
        case Next::park: return park();
        case Next::linger: return linger();
    }
}

void Connection::yield() {
    phase_ = Phase::working;
    set_deadline(Loop::never);
    loop_.post([self = shared_from_this()] {
        if (self->phase_ != Phase::closed) {
            self->serve();
        }
    });
}

/// Closing with input unread would reset the connection and take the answer from the client's
/// hands.
void Connection::linger() {
    phase_ = Phase::lingering;
    set_deadline(SteadyClock::now() + edge_.options.limits.linger_timeout);
    input_.consume(input_.unread().size());
    const auto space = input_.space(lingering_read_bytes);
    wire_->finish(space.bytes, space.size, shared_from_this());
}

std::uint64_t Connection::footprint() const {
    const Wire::Pieces rest = unsent();
    // A page that others are sent as well is kept for its own sake.
    const std::size_t tail = tail_ && tail_.use_count() == 1 ? rest[1].size() : 0;
    return reader_->body_kept_bytes() + input_.unread().size() + rest[0].size() + tail;
}

bool Connection::may_keep(std::uint64_t bytes) {
    const std::uint64_t more = bytes - kept_bytes_;  // Modulo 2^64, as the sum below.
    const std::uint64_t all = edge_.kept_bytes.fetch_add(more, std::memory_order_relaxed) + more;
    kept_bytes_ = bytes;
    const HttpLimits& limits = edge_.options.limits;
    return all <= limits.kept_bytes_max || bytes <= limits.kept_freely_bytes;
}

void Connection::abort() {
    wire_->abort();
    close();
}

Loop::Time Connection::transfer_deadline(Loop::Time since, std::uint64_t bytes) const {
    const HttpLimits& limits = edge_.options.limits;
    return since + limits.transfer_grace +
           std::chrono::milliseconds(bytes * 1000 / limits.transfer_bytes_per_second_min);
}

void Connection::set_deadline(Loop::Time deadline) {
    deadline_ = deadline;
    if (deadline != Loop::never) {
        loop_.expect(deadline);
    }
}

}  // namespace souk::http_edge
