#include "apps/souk/serve.h"

#include <csignal>
#include <cstdio>

#include "apps/souk/running_home.h"
#include "domain/base/text.h"

namespace souk::app {

Result<void> serve(const Config& config) {
    // Blocked before any thread is made, so that every thread inherits it and this one alone is
    // told.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const auto running = TRY(RunningHome::start(config));
    const std::string port = cat(running->port());
    running->home().telemetry().log(
        LogLevel::notice, "serving",
        {{"address", config.address}, {"port", port}, {"url", config.issuer()}});
    std::printf("Souk serves %s (port %s), data in %s\n", config.issuer().c_str(), port.c_str(),
                config.data_directory.c_str());
    std::fflush(stdout);
    int received = 0;
    sigwait(&signals, &received);
    running->home().telemetry().log(LogLevel::notice, "draining", {});
    return {};
}

}  // namespace souk::app
