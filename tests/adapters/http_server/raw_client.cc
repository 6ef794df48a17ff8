#include "adapters/http_server/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {
constexpr int patience_ms = 5000;
}

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;  // The server has closed; the reply tells the test.
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawClient::finish() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::receive() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) != 1) {
        return false;
    }
    std::array<char, 65536> piece;
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
    reset_ = got < 0 && errno == ECONNRESET;
    if (got <= 0) {
        return false;
    }
    unread_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
}

bool RawClient::fill_until(std::string_view mark) {
    while (!unread_.contains(mark)) {
        if (!receive()) {
            return false;
        }
    }
    return true;
}

std::optional<Reply> RawClient::reply(std::string_view method) {
    if (!fill_until("\r\n\r\n")) {
        return std::nullopt;
    }
    const std::size_t head_end = unread_.find("\r\n\r\n");
    const std::string head = unread_.substr(0, head_end + 2);
    unread_.erase(0, head_end + 4);
    Reply reply;
    reply.status = std::atoi(head.c_str() + std::string_view("HTTP/1.1 ").size());
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
        const std::size_t end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        reply.headers[ascii_lower(head.substr(at, colon - at))] =
            head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    if (method == "HEAD" || reply.status < 200) {
        return reply;
    }
    if (reply.headers.contains("transfer-encoding")) {
        return read_chunks(reply.body) ? std::optional(reply) : std::nullopt;
    }
    if (const auto length = reply.headers.find("content-length"); length != reply.headers.end()) {
        const std::size_t size = std::strtoul(length->second.c_str(), nullptr, 10);
        while (unread_.size() < size) {
            if (!receive()) {
                return std::nullopt;
            }
        }
        reply.body = unread_.substr(0, size);
        unread_.erase(0, size);
    }
    return reply;
}

bool RawClient::read_chunks(std::string& body) {
    for (;;) {
        if (!fill_until("\r\n")) {
            return false;
        }
        const std::size_t size = std::strtoul(unread_.c_str(), nullptr, 16);
        unread_.erase(0, unread_.find("\r\n") + 2);
        while (unread_.size() < size + 2) {
            if (!receive()) {
                return false;
            }
        }
        body.append(unread_, 0, size);
        unread_.erase(0, size + 2);
        if (size == 0) {
            return true;
        }
    }
}

std::string RawClient::rest() {
    while (receive()) {
    }
    return std::exchange(unread_, {});
}

bool RawClient::is_closed() {
    pollfd waiting{socket_, POLLIN, 0};
    char byte = 0;
    return unread_.empty() && ::poll(&waiting, 1, patience_ms) == 1 &&
           ::recv(socket_, &byte, 1, 0) <= 0;
}

}  // namespace souk::testing
