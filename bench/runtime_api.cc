// Lambda's Runtime API for a benchmark: hands the same event out so many times, takes the answers,
// and tells how long that took. One thread, no parsing beyond what the exchange needs, so that it
// is the function that is measured.
//
//   runtime_api EVENTS EVENT     prints its address, then the seconds from the first `next` on

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view head_end = "\r\n\r\n";

/// One kept connection of the function.
struct Connection {
    int socket;
    std::string unread = {};
};

std::size_t body_size(std::string_view head) {
    for (const std::string_view name : {"Content-Length:", "content-length:"}) {
        const auto at = head.find(name);
        if (at != std::string_view::npos) {
            return std::strtoul(head.data() + at + name.size(), nullptr, 10);
        }
    }
    return 0;
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            std::exit(EXIT_FAILURE);
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

class RuntimeApi {
public:
    RuntimeApi(std::size_t events, std::string_view event)
        : left_(events),
          next_(
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              "Lambda-Runtime-Aws-Request-Id: r\r\n"
              "Lambda-Runtime-Deadline-Ms: 99999999999999\r\nContent-Length: " +
              std::to_string(event.size()) + std::string(head_end) + std::string(event)) {}

    void serve(int listener) {
        std::vector<pollfd> watched{{.fd = listener, .events = POLLIN, .revents = 0}};
        while (::poll(watched.data(), watched.size(), -1) > 0) {
            if ((watched.front().revents & POLLIN) != 0) {
                const int on = 1;
                const int socket = ::accept(listener, nullptr, nullptr);
                ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                connections_.push_back({socket});
                watched.push_back({.fd = socket, .events = POLLIN, .revents = 0});
            }
            for (std::size_t i = 1; i < watched.size(); ++i) {
                if (watched[i].revents != 0 && !read(connections_[i - 1])) {
                    watched[i].fd = -1;  // Poll passes over it.
                }
            }
        }
    }

private:
    /// Whether the connection is still there.
    bool read(Connection& connection) {
        char bytes[65'536];
        const ssize_t got = ::recv(connection.socket, bytes, sizeof bytes, 0);
        if (got <= 0) {
            ::close(connection.socket);
            return false;
        }
        connection.unread.append(bytes, static_cast<std::size_t>(got));
        for (;;) {
            const auto end = connection.unread.find(head_end);
            if (end == std::string::npos) {
                return true;
            }
            const std::string_view head = std::string_view(connection.unread).substr(0, end);
            const std::size_t whole = end + head_end.size() + body_size(head);
            if (connection.unread.size() < whole) {
                return true;
            }
            answer(connection.socket, head);
            connection.unread.erase(0, whole);
        }
    }
    void answer(int socket, std::string_view head) {
        const std::string_view line = head.substr(0, head.find('\r'));
        if (line.find("/extension/") != std::string_view::npos) {
            if (line.find("/register") != std::string_view::npos) {
                send_all(socket,
                         "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: e\r\n"
                         "Content-Length: 0\r\n\r\n");
            }
            return;  // Whoever waits for the extension's events waits for ever.
        }
        if (!head.starts_with("GET")) {
            send_all(socket, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        if (start_ == Clock::time_point{}) {
            start_ = Clock::now();
        }
        if (left_ == 0) {
            // Whoever asks for more waits, and is ended by who started both.
            std::printf("%.6f\n", std::chrono::duration<double>(Clock::now() - start_).count());
            std::fflush(stdout);
            return;
        }
        --left_;
        send_all(socket, next_);
    }

    std::size_t left_;
    const std::string next_;
    std::vector<Connection> connections_;
    Clock::time_point start_{};
};

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fputs("runtime_api EVENTS EVENT\n", stderr);
        return EXIT_FAILURE;
    }
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, any, size) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, any, &size) != 0) {
        std::perror("runtime_api");
        return EXIT_FAILURE;
    }
    std::printf("127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    RuntimeApi(std::strtoul(words[1], nullptr, 10), words[2]).serve(listener);
    return EXIT_SUCCESS;
}
