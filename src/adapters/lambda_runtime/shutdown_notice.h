#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "adapters/lambda_runtime/runtime_connection.h"
#include "adapters/lambda_runtime/runtime_errors.h"
#include "domain/base/error.h"

namespace souk::lambda {

/// Calls a function when Lambda is about to stop the process: at most 500 ms later it is killed.
/// Only for what may be lost, such as the last metrics; Lambda does not always give notice.
/// Source: Lambda sends SIGTERM only where an extension is registered; an internal one does.
class ShutdownNotice {
public:
    /// Registers the process as its own extension, and blocks SIGTERM in this thread and those it
    /// starts from here on: make it before other threads, and before the first `next`.
    /// `on_shutdown` is called on a thread of its own, while an invocation may be running; it
    /// usually flushes and ends the process. Errors: runtime_unreachable, runtime_broken,
    /// runtime_wrong_state.
    [[nodiscard]] static Result<std::unique_ptr<ShutdownNotice>> make(
        const RuntimeAddress& address, const std::string& extension_name,
        std::function<void()> on_shutdown);
    ~ShutdownNotice();
    ShutdownNotice(const ShutdownNotice&) = delete;
    ShutdownNotice& operator=(const ShutdownNotice&) = delete;

private:
    explicit ShutdownNotice(const RuntimeAddress& address) : connection_(address) {}
    [[nodiscard]] Result<std::string> register_as(const std::string& extension_name);
    [[nodiscard]] Result<void> watch(std::function<void()> on_shutdown);

    RuntimeConnection connection_;
    int signals_ = -1;       // Readable when SIGTERM has come.
    int stop_ = -1;          // Readable when this dies.
    std::thread extension_;  // Waits in the Extensions API's `next`, which has nothing to say.
    std::thread watcher_;
};

}  // namespace souk::lambda
