#include "apps/souk/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "apps/souk/data_files.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::app {

namespace {

/// Ends what a command prints, of which a NUL cannot be part. After it come the exit code, a line's
/// end, and complaints.
constexpr char end_mark = '\0';

/// A socket's path holds 107 characters, a data directory's may be longer: the way leads through
/// its descriptor.
sockaddr_un address_in(int directory) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = cat("/proc/self/fd/", directory, "/control");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool valid() const { return number_ >= 0; }
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

void send_all(int connection, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;  // The asker has gone, which a command that takes long is told.
        }
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

class ConnectionOutput : public Output {
public:
    ConnectionOutput(int connection, const std::atomic<bool>& stopping)
        : connection_(connection), stopping_(stopping) {}
    void write(std::string_view text) override { send_all(connection_, text); }
    void complain(std::string_view text) override { complaints_ += text; }
    [[nodiscard]] const std::string& complaints() const { return complaints_; }
    /// Also once the asker has gone: who stops an import wants it stopped.
    [[nodiscard]] bool stopping() const override {
        char more = 0;
        return stopping_ || ::recv(connection_, &more, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

private:
    int connection_;
    const std::atomic<bool>& stopping_;
    std::string complaints_;
};

std::string render(const OperatorCommand& command) {
    JsonWriter out;
    out.begin_object().member("name", command.name).key("options").begin_object();
    for (const auto& [name, value] : command.options) {
        out.member(name, value);
    }
    return out.end_object().end_object().take() + "\n";
}

Result<OperatorCommand> parse(std::string_view line) {
    const JsonDocument document = TRY(JsonDocument::parse(line));
    OperatorCommand command{.name = document.root()["name"].text_or(), .options = {}};
    const JsonView options = document.root()["options"];
    for (std::size_t i = 0; i < options.size(); ++i) {
        const auto [name, value] = options.member(i);
        command.options[std::string(name)] = value.text_or();
    }
    return command;
}

/// Whether there is something to read, before this time is up.
bool readable(int connection, std::chrono::steady_clock::time_point until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd waiting{connection, POLLIN, 0};
    return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) > 0;
}

/// Nothing if it has not ended when the time is up, or is longer than a command may be.
std::string read_line(int connection, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::string line;
    char buffer[4096];
    while (line.find('\n') == std::string::npos && readable(connection, until)) {
        const std::size_t room = ControlSocket::command_bytes_max - line.size();
        const auto got = ::recv(connection, buffer, std::min(sizeof buffer, room), 0);
        if (got <= 0) {  // With no room as well.
            return {};
        }
        line.append(buffer, static_cast<std::size_t>(got));
    }
    return line.ends_with('\n') ? line : std::string();
}

}  // namespace

Exit exit_of(const Error& error) {
    if (error.code.name.ends_with("_misconfigured")) {  // Each adapter has one of its own.
        return Exit::bad_config;
    }
    switch (error.code.kind) {
        case ErrorKind::invalid:
        case ErrorKind::conflict: return Exit::bad_input;
        case ErrorKind::not_found: return Exit::no_such;
        case ErrorKind::denied: return Exit::bad_input;
        case ErrorKind::exhausted:
        case ErrorKind::unavailable: return Exit::unavailable;
        case ErrorKind::corrupt: return Exit::internal;
    }
    return Exit::internal;
}

std::string OperatorCommand::option(const std::string& option_name) const {
    const auto found = options.find(option_name);
    return found == options.end() ? std::string() : found->second;
}

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string& data_directory,
                                                           Operate operate,
                                                           std::chrono::milliseconds asking) {
    const Descriptor directory(::open(data_directory.c_str(), O_DIRECTORY | O_CLOEXEC));
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_in(directory.number());
    // Whoever left it behind is gone: the ledger's lock, which we hold, says so.
    ::unlinkat(directory.number(), "control", 0);
    const mode_t before = ::umask(0077);
    const bool bound = directory.valid() && listener.valid() &&
                       ::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address),
                              sizeof address) == 0 &&
                       ::listen(listener.number(), 4) == 0;
    const int error = errno;
    ::umask(before);
    if (!bound) {
        return fail(errors::data_directory_unusable,
                    cat(data_directory,
                        ": no control socket: ", std::generic_category().message(error), "."));
    }
    return std::unique_ptr<ControlSocket>(
        new ControlSocket(listener.release(), std::move(operate), asking));
}

ControlSocket::ControlSocket(int listener, Operate operate, std::chrono::milliseconds asking)
    : listener_(listener), operate_(std::move(operate)), asking_(asking) {
    for (int& current : connections_) {
        current = -1;
        threads_.emplace_back([this, &current] { serve(current); });
    }
}

ControlSocket::~ControlSocket() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);  // Wakes accept.
    {
        const std::lock_guard lock(mutex_);
        for (const int connection : connections_) {
            ::shutdown(connection, SHUT_RDWR);  // Wakes who reads or writes.
        }
    }
    threads_.clear();
    ::close(listener_);
}

void ControlSocket::serve(int& current) {
    while (!stopping_) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) {
            // The end, or no descriptor is left: not to be asked again at once.
            std::this_thread::sleep_for(std::chrono::milliseconds(stopping_ ? 0 : 100));
            continue;
        }
        {
            const std::lock_guard lock(mutex_);
            current = connection;
        }
        if (!stopping_) {
            answer(connection);
        }
        const std::lock_guard lock(mutex_);
        current = -1;
        ::close(connection);
    }
}

void ControlSocket::answer(int connection) const {
    ConnectionOutput output(connection, stopping_);
    const auto command = parse(read_line(connection, asking_));
    const Exit outcome = command ? operate_(*command, output) : Exit::usage;
    send_all(connection, cat(end_mark, static_cast<int>(outcome), '\n', output.complaints()));
}

Result<std::optional<Exit>> ControlSocket::ask(const std::string& data_directory,
                                               const OperatorCommand& command, Output& output) {
    const Descriptor directory(::open(data_directory.c_str(), O_DIRECTORY | O_CLOEXEC));
    const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_in(directory.number());
    if (!directory.valid() || !connection.valid() ||
        ::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) != 0) {
        return std::nullopt;
    }
    send_all(connection.number(), render(command));
    std::string ending;
    bool ended = false;
    char buffer[4096];
    while (true) {
        const auto got = ::recv(connection.number(), buffer, sizeof buffer, 0);
        if (got <= 0) {
            break;
        }
        std::string_view text(buffer, static_cast<std::size_t>(got));
        if (!ended) {
            const auto mark = text.find(end_mark);
            output.write(text.substr(0, mark));
            ended = mark != std::string_view::npos;
            text = ended ? text.substr(mark + 1) : std::string_view{};
        }
        ending += text;
    }
    const std::size_t line = ending.find('\n');
    const auto outcome = to_integer(std::string_view(ending).substr(0, line));
    if (!outcome || line == std::string::npos) {
        return fail(souk::errors::unavailable, "The running souk hung up before it was done.");
    }
    output.complain(std::string_view(ending).substr(line + 1));
    return static_cast<Exit>(*outcome);
}

}  // namespace souk::app
