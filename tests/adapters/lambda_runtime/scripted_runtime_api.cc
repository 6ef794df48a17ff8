#include "adapters/lambda_runtime/scripted_runtime_api.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::lambda {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";

SeenRequest parse_head(std::string_view head, int connection) {
    SeenRequest request;
    request.connection = connection;
    const auto lines = split(head, '\n');
    const auto words = split(trimmed(lines.front()), ' ');
    request.method = words.at(0);
    request.path = words.at(1);
    for (const auto line : lines) {
        if (const auto colon = line.find(": "); colon != std::string_view::npos) {
            request.headers[ascii_lower(line.substr(0, colon))] = trimmed(line.substr(colon + 2));
        }
    }
    return request;
}

/// The next whole request; nothing when the client has closed.
std::optional<SeenRequest> receive(int socket, std::string& unread, int connection) {
    std::string piece(64 * 1024, '\0');
    std::optional<SeenRequest> request;
    std::size_t body_size = 0;
    for (;;) {
        const auto end = request ? std::string::npos : unread.find(head_end);
        if (end != std::string::npos) {
            request = parse_head(std::string_view(unread).substr(0, end), connection);
            unread.erase(0, end + head_end.size());
            const auto length = request->headers.find("content-length");
            body_size = length == request->headers.end()
                            ? 0
                            : static_cast<std::size_t>(to_integer(length->second).value_or(0));
        }
        if (request && unread.size() >= body_size) {
            request->body = unread.substr(0, body_size);
            unread.erase(0, body_size);
            return request;
        }
        const ssize_t got = ::recv(socket, piece.data(), piece.size(), 0);
        if (got <= 0) {
            return std::nullopt;
        }
        unread.append(piece, 0, static_cast<std::size_t>(got));
    }
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

ScriptedRuntimeApi::Script giving_out(std::vector<ScriptedReply> invocations) {
    std::ranges::reverse(invocations);
    auto left = std::make_shared<std::vector<ScriptedReply>>(std::move(invocations));
    return [left](const SeenRequest& request) {
        if (request.method == "POST") {
            return reply(202);
        }
        if (left->empty()) {
            return reply(500, "Container error");
        }
        ScriptedReply next = std::move(left->back());
        left->pop_back();
        return next;
    };
}

}  // namespace

ScriptedReply reply(int status, std::string_view body, std::string_view header_lines) {
    return {cat("HTTP/1.1 ", status, " Whatever\r\n", header_lines, "Content-Length: ", body.size(),
                "\r\n\r\n", body)};
}

ScriptedReply invocation(std::string_view id, std::string_view body,
                         std::string_view header_lines) {
    return reply(200, body,
                 cat("Lambda-Runtime-Aws-Request-Id: ", id,
                     "\r\nLambda-Runtime-Deadline-Ms: 1767225603000\r\n", header_lines));
}

ScriptedRuntimeApi::ScriptedRuntimeApi(std::vector<ScriptedReply> invocations)
    : ScriptedRuntimeApi(giving_out(std::move(invocations))) {}

ScriptedRuntimeApi::ScriptedRuntimeApi(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_, generic, size) == 0);
    CHECK(::listen(listener_, 16) == 0);
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedRuntimeApi::~ScriptedRuntimeApi() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& [socket, thread] : talkers_) {
        ::shutdown(socket, SHUT_RDWR);
        thread.join();
        ::close(socket);
    }
    ::close(listener_);
}

std::vector<SeenRequest> ScriptedRuntimeApi::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::vector<SeenRequest> ScriptedRuntimeApi::posts() const {
    auto all = seen();
    std::erase_if(all, [](const SeenRequest& request) { return request.method != "POST"; });
    return all;
}

int ScriptedRuntimeApi::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

void ScriptedRuntimeApi::accept_all() {
    for (;;) {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) {
            return;
        }
        const std::lock_guard lock(mutex_);
        const int number = ++connections_;
        talkers_.emplace_back(socket,
                              std::thread([this, socket, number] { talk(socket, number); }));
    }
}

void ScriptedRuntimeApi::talk(int socket, int number) {
    std::string unread;
    while (auto request = receive(socket, unread, number)) {
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(*request);
        }
        ScriptedReply answer;
        {
            const std::lock_guard lock(script_mutex_);
            answer = script_(*request);
        }
        send_all(socket, answer.bytes);
        if (answer.then == ScriptedReply::Then::close) {
            ::shutdown(socket, SHUT_RDWR);
            return;
        }
        // A client that is held sends nothing more, so that the next turn waits for it to close.
    }
}

}  // namespace souk::lambda
