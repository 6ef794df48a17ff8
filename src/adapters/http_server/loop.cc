#include "adapters/http_server/loop.h"

#include <sys/socket.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "adapters/http_server/connection.h"
#include "adapters/http_server/listener.h"
#include "adapters/http_server/response_writer.h"
#include "adapters/http_server/tls.h"
#include "adapters/http_server/wire.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds accept_retry{100};
constexpr std::size_t made_room_share = 256;  // One of so many connections.

/// Deadlines are kept to a sixteenth of the shortest timeout, so that many connections share a
/// scan.
std::chrono::milliseconds spacing_for(const HttpLimits& limits) {
    const auto shortest = std::min(
        {limits.head_timeout, limits.idle_timeout, limits.transfer_grace, limits.linger_timeout});
    return std::clamp(shortest / 16, std::chrono::milliseconds(1), std::chrono::milliseconds(250));
}

}  // namespace

Loop::Loop(Edge& edge, std::function<void()> drained)
    : edge_(edge),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      guard_(context_.get_executor()),
      acceptor_(context_),
      timer_(context_),
      accept_timer_(context_),
      drained_(std::move(drained)),
      scan_spacing_(spacing_for(edge.options.limits)) {}

Loop::~Loop() { join(); }

void Loop::start(tcp::acceptor acceptor, Certificate* certificate) {
    acceptor_ = std::move(acceptor);
    certificate_ = certificate;
    accept();
    thread_ = std::thread([this] { context_.run(); });
}

void Loop::join() {
    if (thread_.joinable()) {
        context_.stop();
        thread_.join();
    }
}

void Loop::accept() {
    accepting_ = true;
    acceptor_.async_accept(
        peer_, [this](const Code& ec, Socket socket) { accepted(ec, std::move(socket)); });
}

void Loop::accepted(const Code& ec, Socket socket) {
    accepting_ = false;
    if (!ec) {
        welcome(std::move(socket), peer_);
    }
    if (draining_) {
        return report_if_drained();
    }
    if (ec && ec != asio::error::connection_aborted) {
        edge_.telemetry.log(LogLevel::error, "a connection could not be accepted",
                            {{"why", ec.message()}});
        return retry_later();
    }
    accept();
}

/// Out of descriptors or memory: the connection stays in the kernel's queue, so trying at once
/// would spin.
void Loop::retry_later() {
    accept_timer_.expires_after(accept_retry);
    accept_timer_.async_wait([this](const Code& ec) {
        if (!ec && !draining_) {
            accept();
        }
    });
}

void Loop::welcome(Socket socket, const tcp::endpoint& peer) {
    if (++edge_.connections > edge_.options.limits.connections_max && !make_room()) {
        turn_away(std::move(socket));
        --edge_.connections;
        return;
    }
    Code ignored;  // A socket that died meanwhile fails at its first read.
    std::ignore = socket.set_option(tcp::no_delay(true), ignored);
    auto wire = certificate_ == nullptr ? plain_wire(std::move(socket))
                                        : tls_wire(std::move(socket), certificate_->current());
    auto connection =
        std::make_shared<Connection>(*this, std::move(wire), canonical(peer.address()));
    connection->slot = connections_.size();
    connections_.push_back(connection);
    connection->start();
}

/// Who only holds connections, idle or with heads that never end, must not keep the others out.
/// Several go at once, so that a flood does not have all of them looked through for each.
bool Loop::make_room() {
    std::vector<Connection*> spare;
    for (const auto& connection : connections_) {
        if (connection->is_spare()) {
            spare.push_back(connection.get());
        }
    }
    const std::size_t wanted = std::min(spare.size(), 1 + connections_.size() / made_room_share);
    const auto chosen = spare.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::ranges::partial_sort(spare, chosen, {}, &Connection::deadline);
    const auto closed = std::count_if(spare.begin(), chosen, [](Connection* idlest) {
        const auto alive = idlest->shared_from_this();  // The loop lets go of it.
        return alive->make_room();
    });
    edge_.telemetry.count("souk_http_connections_reclaimed_total", closed);
    return closed > 0;
}

void Loop::turn_away(Socket socket) {
    edge_.telemetry.count("souk_http_connections_refused_total");
    if (certificate_ != nullptr) {
        return;  // A handshake is more than what is owed to one too many.
    }
    const Response response = edge_.refuse(503, "The server has too many connections.", nullptr);
    std::string out;
    append_head(out, response,
                {.length = response.text().size(),
                 .persistence = Persistence::close,
                 .date_line = date_line()});
    out.append(response.text());
    // Best effort: whoever does not read it at once gets the closed connection alone.
    static_cast<void>(
        ::send(socket.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    Code ignored;
    std::ignore = socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Loop::expect(Time deadline) {
    if (deadline >= armed_for_) {
        return;
    }
    armed_for_ = deadline;
    timer_.expires_at(deadline);
    timer_.async_wait([this](const Code& ec) {
        if (!ec) {
            scan();
        }
    });
}

void Loop::scan() {
    armed_for_ = never;
    const Time now = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<Connection>> overdue;
    Time next = never;
    for (const auto& connection : connections_) {
        if (connection->deadline() <= now) {
            overdue.push_back(connection);
        } else {
            next = std::min(next, connection->deadline());
        }
    }
    for (const auto& connection : overdue) {
        connection->overdue();
    }
    if (next != never) {
        expect(std::max(next, now + scan_spacing_));
    }
}

std::string_view Loop::date_line() {
    const Instant now = edge_.clock.now();
    if (now.unix_seconds() != date_second_) {
        date_second_ = now.unix_seconds();
        date_line_ = cat("Date: ", to_http_date(now), "\r\n");
    }
    return date_line_;
}

void Loop::forget(const Connection& connection) {
    const std::size_t slot = connection.slot;
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->slot = slot;
    connections_.pop_back();
    --edge_.connections;
    report_if_drained();
}

void Loop::drain() {
    post([this] {
        draining_ = true;
        stop_accepting();
        const auto all = connections_;
        for (const auto& connection : all) {
            connection->drain();
        }
        report_if_drained();
    });
}

void Loop::stop_accepting() {
    accept_timer_.cancel();
    // Who has connected but was not accepted yet would be reset by closing the listener.
    Code ec;
    std::ignore = acceptor_.cancel(ec);
    std::ignore = acceptor_.non_blocking(true, ec);
    while (!ec) {
        Socket socket(context_);
        tcp::endpoint peer;  // `peer_` belongs to what may just have been accepted.
        std::ignore = acceptor_.accept(socket, peer, ec);
        if (!ec) {
            welcome(std::move(socket), peer);
        }
    }
    std::ignore = acceptor_.close(ec);
}

void Loop::report_if_drained() {
    if (draining_ && !accepting_ && connections_.empty() && drained_) {
        std::exchange(drained_, nullptr)();
    }
}

void Loop::cut_off(std::atomic<std::size_t>& ended) {
    post([this, &ended] {
        ended += connections_.size();
        const auto all = connections_;
        for (const auto& connection : all) {
            connection->close();
        }
    });
}

}  // namespace souk::http_edge
