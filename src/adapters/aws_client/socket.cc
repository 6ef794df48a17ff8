#include "adapters/aws_client/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

/// poll(2) until the deadline; the events that came, 0 for none.
short poll_until(int descriptor, short events, Deadline deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        const auto ms = std::clamp<std::int64_t>(left.count(), 0, INT_MAX);
        pollfd entry{.fd = descriptor, .events = events, .revents = 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(ms));
        if (ready > 0) {
            return entry.revents;
        }
        if (ready == 0 || errno != EINTR) {
            return 0;
        }
    }
}

/// 0, or why it did not connect (errno).
int connect_to(int descriptor, const SocketAddress& address, Deadline deadline) {
    const auto* generic = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::connect(descriptor, generic, address.size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (poll_until(descriptor, POLLOUT, deadline) == 0) {
        return ETIMEDOUT;
    }
    int problem = 0;
    socklen_t size = sizeof(problem);
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 ? problem : errno;
}

}  // namespace

Result<Socket> Socket::connect(const std::vector<SocketAddress>& addresses, Deadline deadline) {
    int problem = EADDRNOTAVAIL;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const int descriptor = ::socket(addresses[i].storage.ss_family,
                                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
        if (descriptor < 0) {
            problem = errno;
            continue;
        }
        Socket socket(descriptor);
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / static_cast<std::int64_t>(addresses.size() - i);
        problem = connect_to(descriptor, addresses[i], now + share);
        if (problem == 0) {
            // A request is one write: nothing is gained by waiting for more to send.
            const int yes = 1;
            static_cast<void>(
                ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)));
            return socket;
        }
    }
    return fail(errors::aws_not_sent,
                cat("Connecting failed: ", std::generic_category().message(problem), '.'));
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), bytes_sent_(other.bytes_sent_) {}

Socket::~Socket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

bool Socket::wait(Until until, Deadline deadline) const {
    return poll_until(descriptor_, until == Until::readable ? POLLIN : POLLOUT, deadline) != 0;
}

bool Socket::is_readable() const {
    return poll_until(descriptor_, POLLIN, std::chrono::steady_clock::now()) != 0;
}

ssize_t Socket::send(const char* bytes, std::size_t count) {
    const ssize_t sent = ::send(descriptor_, bytes, count, MSG_NOSIGNAL);
    bytes_sent_ += static_cast<std::uint64_t>(std::max<ssize_t>(sent, 0));
    return sent;
}

ssize_t Socket::receive(char* bytes, std::size_t count) {
    return ::recv(descriptor_, bytes, count, 0);
}

}  // namespace souk::aws
