#include "adapters/aws_client/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {

/// Bytes of the request that are still missing, at least; 0 when it is whole.
std::size_t missing_bytes(const std::string& request) {
    const std::size_t head_end = request.find("\r\n\r\n");
    if (head_end == std::string::npos) {
        return 1;
    }
    constexpr std::string_view name = "content-length: ";
    const std::size_t at = ascii_lower(request.substr(0, head_end)).find(name);
    std::int64_t length = 0;
    if (at != std::string::npos) {
        const std::size_t from = at + name.size();
        length = to_integer(request.substr(from, request.find('\r', from) - from)).value_or(0);
    }
    const std::size_t whole = head_end + 4 + static_cast<std::size_t>(length);
    return whole > request.size() ? whole - request.size() : 0;
}

}  // namespace

std::size_t ScriptedServer::missing(const std::string& request) const {
    const std::lock_guard lock(mutex_);
    const bool head_only = !steps_.empty() && steps_.front().then == Then::hang_up_early;
    return head_only && request.contains("\r\n\r\n") ? 0 : missing_bytes(request);
}

/// A socket, perhaps under TLS.
class ScriptedServer::Stream {
public:
    Stream(int descriptor, SSL_CTX* tls)
        : descriptor_(descriptor), ssl_(tls == nullptr ? nullptr : ::SSL_new(tls)) {
        if (ssl_ != nullptr) {
            ::SSL_set_fd(ssl_, descriptor_);
            usable_ = ::SSL_accept(ssl_) == 1;
        }
    }
    ~Stream() {
        ::SSL_free(ssl_);
        ::ERR_clear_error();
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    [[nodiscard]] bool usable() const { return usable_; }
    /// Appends what came; false at the end.
    bool read(std::string& out) {
        char piece[16384];
        const ssize_t got = ssl_ == nullptr ? ::recv(descriptor_, piece, sizeof(piece), 0)
                                            : ::SSL_read(ssl_, piece, sizeof(piece));
        out.append(piece, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return got > 0;
    }
    void write(const std::string& bytes) {
        if (bytes.empty()) {
            return;
        }
        if (ssl_ == nullptr) {
            static_cast<void>(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
            return;
        }
        ::SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
        // One more session ticket: bytes that come between two requests and mean nothing.
        ::SSL_new_session_ticket(ssl_);
        ::SSL_do_handshake(ssl_);
    }
    void reset() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }

private:
    int descriptor_;
    SSL* ssl_;
    bool usable_ = true;
};

ScriptedServer::ScriptedServer(std::vector<Step> steps) : steps_(steps.begin(), steps.end()) {
    listen();
}

ScriptedServer::ScriptedServer(std::vector<Step> steps, const std::string& certificate,
                               const std::string& key)
    : tls_(::SSL_CTX_new(::TLS_server_method())), steps_(steps.begin(), steps.end()) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that a client has closed.
    CHECK(::SSL_CTX_use_certificate_file(tls_, certificate.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(::SSL_CTX_use_PrivateKey_file(tls_, key.c_str(), SSL_FILETYPE_PEM) == 1);
    listen();
}

ScriptedServer::~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    ::close(listener_);
    {
        const std::lock_guard lock(mutex_);
        for (const int descriptor : open_) {
            ::shutdown(descriptor, SHUT_RDWR);
        }
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
    ::SSL_CTX_free(tls_);
}

void ScriptedServer::listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_, generic, size) == 0);
    CHECK(::listen(listener_, 64) == 0);
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
}

void ScriptedServer::accept_all() {
    for (;;) {
        const int descriptor = ::accept(listener_, nullptr, nullptr);
        if (descriptor < 0) {
            return;
        }
        const std::lock_guard lock(mutex_);
        ++connections_;
        open_.push_back(descriptor);
        threads_.emplace_back([this, descriptor] { serve(descriptor); });
    }
}

void ScriptedServer::serve(int descriptor) {
    bool step_done = false;
    {
        Stream stream(descriptor, tls_);
        for (bool going = stream.usable(); going;) {
            std::string request;
            while (missing(request) > 0 && stream.read(request)) {
            }
            if (missing(request) > 0) {
                break;
            }
            const Step step = next_step(std::move(request));
            stream.write(step.answer);
            going = step.then == Then::keep;
            step_done = !going;
            if (step.then == Then::reset) {
                stream.reset();
            } else if (step.then == Then::silence) {
                std::string ignored;
                while (stream.read(ignored)) {
                }
            } else if (going) {
                const std::lock_guard lock(mutex_);
                ++done_;
                changed_.notify_all();
            }
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, descriptor);
    ::close(descriptor);
    done_ += step_done ? 1 : 0;
    changed_.notify_all();
}

ScriptedServer::Step ScriptedServer::next_step(std::string request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    if (steps_.empty()) {
        return answering(418, "There is no step for this request.");
    }
    Step step = std::move(steps_.front());
    steps_.pop_front();
    return step;
}

std::string ScriptedServer::url() const {
    return cat(tls_ == nullptr ? "http" : "https", "://127.0.0.1:", port_);
}

std::vector<std::string> ScriptedServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

int ScriptedServer::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

void ScriptedServer::await_steps(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_ >= count; });
}

std::string http_answer(int status, std::string_view body, std::string_view more_headers) {
    return cat("HTTP/1.1 ", status, " Said\r\nContent-Length: ", body.size(), "\r\n", more_headers,
               "\r\n", body);
}

ScriptedServer::Step answering(int status, std::string_view body, std::string_view more_headers) {
    return {.answer = http_answer(status, body, more_headers)};
}

}  // namespace souk::testing
