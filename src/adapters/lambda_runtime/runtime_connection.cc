#include "adapters/lambda_runtime/runtime_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "adapters/lambda_runtime/runtime_errors.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;

std::unexpected<Error> unreachable(std::string_view step, int number) {
    const bool late = number == EAGAIN || number == EWOULDBLOCK || number == EINPROGRESS;
    return fail(errors::runtime_unreachable,
                cat("The Runtime API: ", step, " failed: ",
                    late ? "no answer in time" : std::generic_category().message(number), '.'));
}

sockaddr_in socket_address(const RuntimeAddress& address) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.host.c_str(), &out.sin_addr);
    return out;
}

void set_timeouts(int socket, std::optional<std::chrono::milliseconds> timeout) {
    const auto ms = timeout.value_or(std::chrono::milliseconds(0)).count();
    timeval wait{};  // Zero waits for ever.
    wait.tv_sec = ms / 1000;
    wait.tv_usec = ms % 1000 * 1000;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

std::string head_of(const RuntimeRequest& request, const RuntimeAddress& address) {
    std::string head = cat(request.method, ' ', request.path, " HTTP/1.1\r\nHost: ", address.host,
                           ':', address.port, "\r\nUser-Agent: souk\r\n");
    for (const auto& [name, value] : request.headers) {
        head += cat(name, ": ", value, "\r\n");
    }
    if (request.method != "GET") {
        head += cat("Content-Length: ", request.body.size(), "\r\n");
    }
    return head + "\r\n";
}

}  // namespace

Result<RuntimeAddress> parse_runtime_address(std::string_view text) {
    const auto colon = text.rfind(':');
    RuntimeAddress address;
    address.host = text.substr(0, colon);
    if (address.host == "localhost") {
        address.host = "127.0.0.1";
    }
    const auto port =
        colon == std::string_view::npos ? std::nullopt : to_integer(text.substr(colon + 1));
    in_addr parsed{};
    if (!port || *port < 1 || *port > 65535 ||
        ::inet_pton(AF_INET, address.host.c_str(), &parsed) != 1) {
        return fail(errors::runtime_misconfigured,
                    cat("AWS_LAMBDA_RUNTIME_API must be address:port, not '", text, "'."));
    }
    address.port = static_cast<std::uint16_t>(*port);
    return address;
}

RuntimeConnection::~RuntimeConnection() { close(); }

void RuntimeConnection::close() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

void RuntimeConnection::abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    if (socket_ >= 0) {
        ::shutdown(socket_, SHUT_RDWR);
    }
}

Result<void> RuntimeConnection::open(std::optional<std::chrono::milliseconds> timeout) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return unreachable("opening a socket", errno);
    }
    {
        const std::lock_guard lock(mutex_);
        socket_ = socket;
        if (abandoned_) {
            return unreachable("connecting", ECANCELED);
        }
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    set_timeouts(socket, timeout);
    const sockaddr_in address = socket_address(address_);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return unreachable("connecting", errno);
    }
    return {};
}

Result<RuntimeReply> RuntimeConnection::exchange(const RuntimeRequest& request) {
    const bool kept = socket_ >= 0;
    auto reply = attempt(request);
    if (!reply && kept && reply.error().cause == Cause::closed) {
        reply = attempt(request);
    }
    if (!reply) {
        return fail(std::move(reply).error().error);
    }
    return *std::move(reply);
}

std::expected<RuntimeReply, RuntimeConnection::Failure> RuntimeConnection::attempt(
    const RuntimeRequest& request) {
    if (socket_ < 0) {
        if (const auto opened = open(request.timeout); !opened) {
            close();
            return std::unexpected(Failure{opened.error()});
        }
    } else {
        set_timeouts(socket_, request.timeout);
    }
    // A refusal (413) may come, and the connection be closed, before all of the body is sent: what
    // was said counts, not that sending failed.
    const bool sent = send_all(head_of(request, address_)) && send_all(request.body);
    ReplyReader reader;
    auto reply = read_reply(reader);
    if (!reply || !sent || !reader.reusable()) {
        close();
    }
    return reply;
}

bool RuntimeConnection::send_all(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::expected<RuntimeReply, RuntimeConnection::Failure> RuntimeConnection::read_reply(
    ReplyReader& reader) const {
    std::string piece(read_bytes, '\0');
    while (!reader.done()) {
        const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 && !reader.started()) {
            const int why = got == 0 ? ECONNRESET : errno;
            return std::unexpected(Failure{unreachable("waiting for its answer", why).error(),
                                           why == ECONNRESET ? Cause::closed : Cause::other});
        }
        const auto taken =
            got > 0 ? reader.take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)))
                    : reader.end();
        if (!taken) {
            return std::unexpected(Failure{taken.error()});
        }
    }
    return std::move(reader.reply());
}

}  // namespace souk::lambda
