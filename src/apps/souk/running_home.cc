#include "apps/souk/running_home.h"

#include <thread>

#include "adapters/system_clock/system_clock.h"
#include "apps/souk/operate.h"
#include "domain/base/text.h"
#include "gateway/gateway.h"

namespace souk::app {

namespace {

constexpr std::uint64_t mib = std::uint64_t{1024} * 1024;

/// What SIGTERM gives requests to finish. Source: common orchestrators kill after 30 s.
constexpr std::chrono::seconds drain{20};

HttpServerOptions server_options(const Config& config) {
    HttpServerOptions options;
    options.address = config.address;
    options.port = static_cast<std::uint16_t>(config.port);
    options.io_threads = static_cast<unsigned>(config.io_threads);
    options.workers_max = static_cast<std::size_t>(config.workers);
    options.spool_directory = config.data_directory;
    options.limits.spooled_bytes_max = static_cast<std::uint64_t>(config.spooled_mib) * mib;
    if (!config.tls_certificate.empty()) {
        options.tls = TlsFiles{config.tls_certificate, config.tls_key};
    }
    for (const auto proxy : config.proxies()) {
        options.trusted_proxies.emplace_back(proxy);
    }
    return options;
}

}  // namespace

RunningHome::RunningHome(std::unique_ptr<Home> home)
    : home_(std::move(home)),
      server_(std::make_unique<HttpServer>(home_->clock(), home_->telemetry(),
                                           server_options(home_->config()))),
      consumers_(home_->bus(), home_->telemetry()),
      timers_(home_->clock(), home_->telemetry()) {}

Result<std::unique_ptr<RunningHome>> RunningHome::start(const Config& config) {
    auto opened = TRY(Home::open(config));  // Not within `new`, whose memory a TRY would leak.
    std::unique_ptr<RunningHome> running(new RunningHome(std::move(opened)));
    Home& home = *running->home_;
    home.observe(running->server_->observer());
    // Before the server: who has seen /readyz may also give commands.
    running->control_ = TRY(ControlSocket::open(
        config.data_directory, [&home](const OperatorCommand& command, Output& output) {
            return operate(home, command, output);
        }));
    TRY(running->server_->start(home.services().gateway()));
    home.start_work();
    running->consumers_.start(home.services().reactions(),
                              static_cast<int>(config.reaction_workers));
    for (auto& chore : home.chores()) {
        running->timers_.every(chore.period, chore.name, chore.sweep);
    }
    return running;
}

RunningHome::~RunningHome() {
    const std::size_t cut_off = server_->stop(drain);
    if (cut_off > 0) {
        home_->telemetry().log(LogLevel::warning, "connections cut off",
                               {{"count", std::string_view(cat(cut_off))}});
    }
    consumers_.stop();
    timers_.stop();
    control_.reset();  // Last: a command may take long.
    home_->forget(server_->observer());
}

}  // namespace souk::app
