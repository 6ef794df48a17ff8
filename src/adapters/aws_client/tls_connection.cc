#include "adapters/aws_client/tls_connection.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>
#include <system_error>
#include <utility>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE when the peer has gone.

int bio_result(BIO* bio, ssize_t count, int retry) {
    BIO_clear_retry_flags(bio);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        ::BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    }
    return static_cast<int>(count);
}

int bio_write(BIO* bio, const char* bytes, int count) {
    auto* socket = static_cast<Socket*>(::BIO_get_data(bio));
    return bio_result(bio, socket->send(bytes, static_cast<std::size_t>(count)), BIO_FLAGS_WRITE);
}

int bio_read(BIO* bio, char* bytes, int count) {
    auto* socket = static_cast<Socket*>(::BIO_get_data(bio));
    return bio_result(bio, socket->receive(bytes, static_cast<std::size_t>(count)), BIO_FLAGS_READ);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socket_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = ::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        CHECK(made != nullptr);
        ::BIO_meth_set_write(made, bio_write);
        ::BIO_meth_set_read(made, bio_read);
        ::BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

bool expect_host(SSL* ssl, const std::string& host) {
    X509_VERIFY_PARAM* expected = ::SSL_get0_param(ssl);
    if (::X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) {
        return true;  // An address: SNI carries names only (RFC 6066 section 3).
    }
    ::ERR_clear_error();
    ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return ::SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

class TlsConnection final : public Connection {
public:
    TlsConnection(Socket socket, SSL_CTX* context)
        : socket_(std::move(socket)), ssl_(::SSL_new(context)) {
        BIO* bio = ::BIO_new(socket_method());
        CHECK(ssl_ != nullptr && bio != nullptr);
        ::BIO_set_data(bio, &socket_);
        ::BIO_set_init(bio, 1);
        ::SSL_set_bio(ssl_, bio, bio);
    }
    ~TlsConnection() override {
        if (usable_) {
            ::SSL_shutdown(ssl_);  // Says goodbye; nobody waits for the answer.
        }
        ::SSL_free(ssl_);
        ::ERR_clear_error();
    }
    TlsConnection(const TlsConnection&) = delete;
    TlsConnection& operator=(const TlsConnection&) = delete;

    Result<void> handshake(const std::string& host, Deadline deadline) {
        if (!expect_host(ssl_, host)) {
            return fail(errors::aws_not_sent, cat("TLS cannot carry the host's name ", host, '.'));
        }
        const auto done = run(deadline, [this] { return ::SSL_connect(ssl_); });
        if (!done || *done == 0) {
            return fail(errors::aws_not_sent,
                        cat("The TLS handshake: ", done ? "it was refused." : done.error().detail));
        }
        usable_ = true;
        return {};
    }

    Result<void> write(std::string_view bytes, Deadline deadline) override {
        while (!bytes.empty()) {
            const auto count = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
            const int sent =
                TRY(run(deadline, [&] { return ::SSL_write(ssl_, bytes.data(), count); }));
            if (sent == 0) {
                return fail(errors::aws_no_answer, "The service has closed the connection.");
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return {};
    }

    Result<std::size_t> read(std::span<char> room, Deadline deadline) override {
        const auto count = static_cast<int>(std::min<std::size_t>(room.size(), INT_MAX));
        const int got = TRY(run(deadline, [&] { return ::SSL_read(ssl_, room.data(), count); }));
        return static_cast<std::size_t>(got);
    }

    // What has come may be no more than session tickets: only TLS itself can tell.
    bool is_quiet() override {
        if (!socket_.is_readable()) {
            return true;
        }
        char next = 0;
        ::ERR_clear_error();
        const int got = ::SSL_peek(ssl_, &next, 1);
        const int reason = ::SSL_get_error(ssl_, got);
        usable_ = reason == SSL_ERROR_WANT_READ;
        return usable_;
    }

    std::uint64_t bytes_sent() const override { return socket_.bytes_sent(); }

private:
    /// Repeats the step until it neither wants to read nor to write. 0: the peer has ended the
    /// conversation.
    template <class Step>
    Result<int> run(Deadline deadline, Step step) {
        for (;;) {
            ::ERR_clear_error();
            errno = 0;
            const int outcome = step();
            const int system_error = errno;
            if (outcome > 0) {
                return outcome;
            }
            const int reason = ::SSL_get_error(ssl_, outcome);
            if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
                const auto until = reason == SSL_ERROR_WANT_READ ? Socket::Until::readable
                                                                 : Socket::Until::writable;
                if (socket_.wait(until, deadline)) {
                    continue;
                }
                usable_ = false;
                return fail(errors::aws_no_answer, std::string(took_too_long));
            }
            usable_ = false;
            if (reason == SSL_ERROR_ZERO_RETURN) {
                return 0;
            }
            return fail(errors::aws_no_answer, cat("TLS failed: ", why(system_error), '.'));
        }
    }

    [[nodiscard]] std::string why(int system_error) const {
        const long verified = ::SSL_get_verify_result(ssl_);
        if (verified != X509_V_OK) {
            return ::X509_verify_cert_error_string(verified);
        }
        if (const unsigned long code = ::ERR_peek_last_error(); code != 0) {
            const char* reason = ::ERR_reason_error_string(code);
            return reason == nullptr ? cat("error ", code) : reason;
        }
        return system_error == 0 ? "the connection was closed"
                                 : std::generic_category().message(system_error);
    }

    Socket socket_;
    SSL* ssl_;
    bool usable_ = false;
};

}  // namespace

Result<std::unique_ptr<Connection>> open_tls(Socket socket, const std::string& host,
                                             TlsTrust& trust, Deadline deadline) {
    auto* context = static_cast<SSL_CTX*>(TRY(trust.context()));
    auto connection = std::make_unique<TlsConnection>(std::move(socket), context);
    TRY(connection->handshake(host, deadline));
    return connection;
}

}  // namespace souk::aws
