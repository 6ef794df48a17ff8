#include "apps/souk/serve.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <tuple>

#include "apps/souk/running_home.h"
#include "domain/base/text.h"

namespace souk::app {

namespace {

/// A connection is a file descriptor, and the usual soft limit (1,024) is below what the server
/// admits. As many as the system lets this process have, within reason.
void raise_file_limit() {
    constexpr rlim_t wanted = 65'536;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted) {
        return;
    }
    files.rlim_cur = std::min(files.rlim_max, wanted);
    // A refusal leaves the limit as it was; the server then refuses connections beyond it.
    std::ignore = setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

Result<void> serve(const Config& config) {
    // Blocked before any thread is made, so that every thread inherits it and this one alone is
    // told.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);  // A terminal that closes; nothing is read anew for it.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    raise_file_limit();

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
