#include "adapters/http_client/test_receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include "domain/base/error.h"

namespace souk::testing {

namespace {

/// Whether head and body of the request are all there.
bool is_whole(const std::string& request) {
    const std::size_t head_end = request.find("\r\n\r\n");
    if (head_end == std::string::npos) {
        return false;
    }
    const std::size_t length = request.find("Content-Length: ");
    const std::size_t size = std::strtoul(request.c_str() + length + 16, nullptr, 10);
    return request.size() >= head_end + 4 + size;
}

}  // namespace

TestReceiver::TestReceiver(std::string answer) : answer_(std::move(answer)) { listen(); }

TestReceiver::TestReceiver(std::string answer, const std::string& certificate,
                           const std::string& key, int version_max)
    : answer_(std::move(answer)), tls_(::SSL_CTX_new(::TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that a client has closed.
    ::SSL_CTX_set_max_proto_version(tls_, version_max);
    CHECK(::SSL_CTX_use_certificate_file(tls_, certificate.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(::SSL_CTX_use_PrivateKey_file(tls_, key.c_str(), SSL_FILETYPE_PEM) == 1);
    listen();
}

TestReceiver::~TestReceiver() {
    stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    ::SSL_CTX_free(tls_);
}

void TestReceiver::listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_, generic, size) == 0);
    CHECK(::listen(listener_, 16) == 0);
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

void TestReceiver::serve() {
    while (!stopped_) {
        const int socket = ::accept(listener_, nullptr, nullptr);
        if (socket < 0) {
            return;
        }
        ++connections_;
        tls_ == nullptr ? talk(socket) : talk_tls(socket);
        ::close(socket);
    }
}

void TestReceiver::talk(int socket) {
    std::string request;
    char piece[4096];
    while (!is_whole(request)) {
        const ssize_t got = ::recv(socket, piece, sizeof(piece), 0);
        if (got <= 0) {
            return;
        }
        request.append(piece, static_cast<std::size_t>(got));
    }
    {
        const std::lock_guard lock(mutex_);
        request_ = request;
    }
    if (answer_.empty()) {
        static_cast<void>(::recv(socket, piece, sizeof(piece), 0));  // Until the client gives up.
        return;
    }
    static_cast<void>(::send(socket, answer_.data(), answer_.size(), MSG_NOSIGNAL));
}

void TestReceiver::talk_tls(int socket) {
    SSL* ssl = ::SSL_new(tls_);
    ::SSL_set_fd(ssl, socket);
    if (::SSL_accept(ssl) == 1) {
        std::string request;
        char piece[4096];
        while (!is_whole(request)) {
            const int got = ::SSL_read(ssl, piece, sizeof(piece));
            if (got <= 0) {
                break;
            }
            request.append(piece, static_cast<std::size_t>(got));
        }
        const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        {
            const std::lock_guard lock(mutex_);
            request_ = request;
            server_name_ = name == nullptr ? "" : name;
        }
        ::SSL_write(ssl, answer_.data(), static_cast<int>(answer_.size()));
        ::SSL_shutdown(ssl);
    }
    ::SSL_free(ssl);
    ::ERR_clear_error();
}

std::string TestReceiver::request() const {
    const std::lock_guard lock(mutex_);
    return request_;
}

std::string TestReceiver::server_name() const {
    const std::lock_guard lock(mutex_);
    return server_name_;
}

}  // namespace souk::testing
