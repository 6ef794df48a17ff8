#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "domain/base/error.h"

/// How the operator's commands reach a home that is running: a socket in the data directory that
/// only its owner may open. One process holds the ledger; the others ask it.
namespace souk::app {

/// What sysexits.h calls them. Source: BSD sysexits(3).
enum class Exit {
    ok = 0,
    usage = 64,
    bad_input = 65,
    no_such = 66,
    unavailable = 69,
    internal = 70,
    bad_config = 78
};
[[nodiscard]] Exit exit_of(const Error& error);

/// A command with its options, all in text.
struct OperatorCommand {
    std::string name;  // "import"
    std::map<std::string, std::string> options;

    /// The option, or empty.
    [[nodiscard]] std::string option(const std::string& option_name) const;
};

/// Where a command writes what it has to say.
class Output {
public:
    virtual ~Output() = default;
    virtual void write(std::string_view text) = 0;
    /// Why it failed.
    virtual void complain(std::string_view text) = 0;
    /// The process is about to end, or nobody listens any more: what takes long gives up.
    [[nodiscard]] virtual bool stopping() const { return false; }
};

using Operate = std::function<Exit(const OperatorCommand&, Output&)>;

class ControlSocket {
public:
    /// So many commands run at once; further ones wait.
    static constexpr std::size_t commands_max = 4;
    /// A command that is longer is none. Unit: bytes, its line's end among them.
    static constexpr std::size_t command_bytes_max = 64 * 1024;
    /// How long whoever connects may take to say what it wants.
    static constexpr std::chrono::seconds asking_max{10};

    /// Listens in the data directory; `operate` is called from several threads.
    /// Errors: data_directory_unusable.
    static Result<std::unique_ptr<ControlSocket>> open(
        const std::string& data_directory, Operate operate,
        std::chrono::milliseconds asking = asking_max);
    /// Hangs up on all who ask, and waits for their commands to end.
    ~ControlSocket();

    /// Runs the command in the process that serves this directory; nothing if none does.
    /// Errors: unavailable when it hangs up.
    static Result<std::optional<Exit>> ask(const std::string& data_directory,
                                           const OperatorCommand& command, Output& output);

private:
    ControlSocket(int listener, Operate operate, std::chrono::milliseconds asking);
    /// Takes one connection after the other, and keeps it in `current` meanwhile.
    void serve(int& current);
    void answer(int connection) const;

    int listener_;
    Operate operate_;
    std::chrono::milliseconds asking_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;
    std::array<int, commands_max> connections_{};  // -1 for none; guarded by the mutex.
    std::vector<std::jthread> threads_;
};

}  // namespace souk::app
