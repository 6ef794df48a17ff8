#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace souk::testing_support {

/// A program that runs beside a test and speaks by lines on its standard output. Ends with this
/// object.
class ChildProcess {
public:
    /// Shape: `command` is a path and its arguments; a failure to start shows as an output without
    /// lines.
    explicit ChildProcess(const std::vector<std::string>& command) {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            ADD_FAILURE() << "No pipe for " << command.at(0);
            return;
        }
        std::vector<char*> arguments;
        for (const auto& argument : command) {
            arguments.push_back(const_cast<char*>(argument.c_str()));
        }
        arguments.push_back(nullptr);
        id_ = ::fork();
        if (id_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // Also when the test dies.
            ::dup2(ends[1], STDOUT_FILENO);
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            ::waitpid(id_, nullptr, 0);
        }
        if (output_ >= 0) {
            ::close(output_);
        }
    }

    /// The next line without its end; nothing when none comes within `patience` or the output has
    /// ended.
    std::optional<std::string> line(std::chrono::milliseconds patience) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            if (const auto end = received_.find('\n'); end != std::string::npos) {
                std::string found = received_.substr(0, end);
                received_.erase(0, end + 1);
                return found;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            pollfd waiting{output_, POLLIN, 0};
            if (left.count() < 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
                return std::nullopt;
            }
            char chunk[4096];
            const ssize_t length = ::read(output_, chunk, sizeof chunk);
            if (length <= 0) {
                return std::nullopt;
            }
            received_.append(chunk, static_cast<std::size_t>(length));
        }
    }

private:
    pid_t id_ = -1;
    int output_ = -1;
    std::string received_;
};

}  // namespace souk::testing_support
