#pragma once

#include <memory>

#include "adapters/http_server/http_server.h"
#include "apps/souk/consumers.h"
#include "apps/souk/control.h"
#include "apps/souk/home.h"
#include "apps/souk/timers.h"

namespace souk::app {

/// A home with everything that moves: HTTP server, consumers, timers, and the operator's control
/// socket.
class RunningHome {
public:
    /// Errors: those of Home::open; listen_failed.
    static Result<std::unique_ptr<RunningHome>> start(const Config& config);
    /// Drains: stops accepting, finishes requests, then reactions, then sweeps, then commands.
    ~RunningHome();

    [[nodiscard]] Home& home() { return *home_; }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

private:
    explicit RunningHome(std::unique_ptr<Home> home);

    std::unique_ptr<Home> home_;
    std::unique_ptr<HttpServer> server_;
    Consumers consumers_;
    Timers timers_;
    std::unique_ptr<ControlSocket> control_;
};

}  // namespace souk::app
