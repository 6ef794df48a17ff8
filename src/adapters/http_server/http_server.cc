#include "adapters/http_server/http_server.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/http_server/edge.h"
#include "adapters/http_server/listener.h"
#include "adapters/http_server/loop.h"
#include "adapters/http_server/spool_file.h"
#include "adapters/http_server/tls.h"
#include "domain/base/text.h"

namespace souk {

using namespace http_edge;

struct HttpServer::State {
    State(Clock& clock, Telemetry& telemetry, HttpServerOptions options)
        : edge(clock, telemetry, std::move(options)) {}

    [[nodiscard]] Result<void> check_options();
    [[nodiscard]] Result<void> listen();
    void note_drained();

    Edge edge;
    std::unique_ptr<Certificate> certificate;
    std::vector<std::unique_ptr<Loop>> loops;
    std::uint16_t port = 0;
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t drained = 0;  // Loops.
};

Result<void> HttpServer::State::check_options() {
    for (const std::string& proxy : edge.options.trusted_proxies) {
        if (!edge.trusted_proxies.add(proxy)) {
            return fail(
                errors::http_server_misconfigured,
                cat("The trusted proxy \"", proxy, "\" is not an IP address or range of them."));
        }
    }
    if (const auto probe = SpoolFile::create(edge.options.spool_directory, edge.spool_room);
        !probe) {
        return fail(errors::http_server_misconfigured, probe.error().detail);
    }
    if (edge.options.tls) {
        certificate = TRY(
            Certificate::read(*edge.options.tls, edge.options.tls_looked_at_every, edge.telemetry));
    }
    return {};
}

Result<void> HttpServer::State::listen() {
    auto endpoint = TRY(endpoint_of(edge.options.address, edge.options.port));
    const unsigned count = edge.options.io_threads > 0
                               ? edge.options.io_threads
                               : std::max(1U, std::thread::hardware_concurrency());
    const Sharing sharing = count == 1 ? Sharing::alone : Sharing::one_of_many;
    if (sharing == Sharing::one_of_many && endpoint.port() != 0) {
        TRY(check_free(endpoint));
    }
    std::vector<boost::asio::ip::tcp::acceptor> acceptors;
    for (unsigned i = 0; i < count; ++i) {
        loops.push_back(std::make_unique<Loop>(edge, [this] { note_drained(); }));
        acceptors.push_back(TRY(listen_on(loops.back()->context(), endpoint, sharing)));
        boost::system::error_code ec;
        endpoint = acceptors.back().local_endpoint(ec);  // Port 0 has become a real one.
        if (ec) {
            return fail(errors::listen_failed, ec.message());
        }
    }
    port = endpoint.port();
    for (unsigned i = 0; i < count; ++i) {
        loops[i]->start(std::move(acceptors[i]), certificate.get());
    }
    return {};
}

void HttpServer::State::note_drained() {
    {
        const std::lock_guard lock(mutex);
        ++drained;
    }
    changed.notify_all();
}

HttpServer::HttpServer(Clock& clock, Telemetry& telemetry, HttpServerOptions options)
    : state_(std::make_unique<State>(clock, telemetry, std::move(options))) {}

HttpServer::~HttpServer() { stop(std::chrono::milliseconds(0)); }

CommitObserver& HttpServer::observer() { return state_->edge.parked; }

std::uint16_t HttpServer::port() const { return state_->port; }

Result<void> HttpServer::start(HttpApplication& application) {
    CHECK(state_->loops.empty());
    state_->edge.application = &application;
    TRY(state_->check_options());
    if (auto listening = state_->listen(); !listening) {
        state_->loops.clear();
        return fail(std::move(listening).error());
    }
    return {};
}

std::size_t HttpServer::stop(std::chrono::milliseconds grace) {
    State& state = *state_;
    for (const auto& loop : state.loops) {
        loop->drain();
    }
    std::atomic<std::size_t> ended = 0;
    std::unique_lock lock(state.mutex);
    const auto all_drained = [&state] { return state.drained == state.loops.size(); };
    if (!state.changed.wait_for(lock, grace, all_drained)) {
        for (const auto& loop : state.loops) {
            loop->cut_off(ended);
        }
        state.changed.wait(lock, all_drained);
    }
    lock.unlock();
    state.edge.workers.stop();
    for (const auto& loop : state.loops) {
        loop->join();
    }
    state.drained = 0;
    state.loops.clear();
    return ended;
}

}  // namespace souk
