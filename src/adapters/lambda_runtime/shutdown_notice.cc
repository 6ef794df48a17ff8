#include "adapters/lambda_runtime/shutdown_notice.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::string_view extension_path = "/2020-01-01/extension";
constexpr std::chrono::milliseconds register_timeout{2'000};

std::unexpected<Error> system_failure(std::string_view step) {
    return fail(errors::runtime_broken,
                cat(step, ": ", std::generic_category().message(errno), '.'));
}

/// Waits for either; whether it was SIGTERM.
bool was_told(int signals, int stop) {
    std::array<pollfd, 2> waiting{{{signals, POLLIN, 0}, {stop, POLLIN, 0}}};
    while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
    }
    return (waiting[0].revents & POLLIN) != 0;
}

}  // namespace

Result<std::unique_ptr<ShutdownNotice>> ShutdownNotice::make(const RuntimeAddress& address,
                                                             const std::string& extension_name,
                                                             std::function<void()> on_shutdown) {
    std::unique_ptr<ShutdownNotice> notice(new ShutdownNotice(address));
    const std::string id = TRY(notice->register_as(extension_name));
    TRY(notice->watch(std::move(on_shutdown)));
    notice->extension_ = std::thread([raw = notice.get(), id] {
        // An extension counts as started once it waits here. What ends the wait does not matter.
        [[maybe_unused]] const auto ended =
            raw->connection_.exchange({.path = cat(extension_path, "/event/next"),
                                       .headers = {{"Lambda-Extension-Identifier", id}}});
    });
    return notice;
}

ShutdownNotice::~ShutdownNotice() {
    connection_.abandon();
    if (stop_ >= 0) {
        const std::uint64_t one = 1;
        static_cast<void>(::write(stop_, &one, sizeof one));
    }
    for (std::thread* thread : {&extension_, &watcher_}) {
        if (thread->joinable()) {
            thread->join();
        }
    }
    for (const int descriptor : {signals_, stop_}) {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
}

Result<std::string> ShutdownNotice::register_as(const std::string& extension_name) {
    const RuntimeReply reply =
        TRY(connection_.exchange({.method = "POST",
                                  .path = cat(extension_path, "/register"),
                                  .headers = {{"Lambda-Extension-Name", extension_name},
                                              {"Content-Type", "application/json"}},
                                  .body = R"({"events":[]})",
                                  .timeout = register_timeout}));
    const std::string_view id = reply.header("lambda-extension-identifier");
    if (reply.status != 200 || id.empty()) {
        return fail(errors::runtime_wrong_state,
                    cat("The Extensions API answered ", reply.status, '.'));
    }
    return std::string(id);
}

Result<void> ShutdownNotice::watch(std::function<void()> on_shutdown) {
    sigset_t terminate{};
    ::sigemptyset(&terminate);
    ::sigaddset(&terminate, SIGTERM);
    if (::pthread_sigmask(SIG_BLOCK, &terminate, nullptr) != 0) {
        return system_failure("Blocking SIGTERM");
    }
    signals_ = ::signalfd(-1, &terminate, SFD_CLOEXEC);
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    if (signals_ < 0 || stop_ < 0) {
        return system_failure("Watching for SIGTERM");
    }
    watcher_ = std::thread([this, told = std::move(on_shutdown)] {
        if (was_told(signals_, stop_)) {
            told();
        }
    });
    return {};
}

}  // namespace souk::lambda
