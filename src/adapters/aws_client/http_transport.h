#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/aws_client/connection_pool.h"
#include "adapters/aws_client/http_message.h"
#include "adapters/aws_client/tls_trust.h"
#include "domain/base/error.h"

namespace souk::aws {

/// Sends HTTP/1.1 requests over connections that it keeps. Thread-safe; knows nothing of AWS.
class HttpTransport {
public:
    struct Settings {
        std::string ca_file;  // As TlsTrust's.
        /// Name, connection and handshake together.
        std::chrono::milliseconds connect_time_max{3'000};
        ConnectionPool::Limits pool;
    };

    explicit HttpTransport(Settings settings);

    /// The answer, whatever its status. A kept connection that turns out to be dead is replaced,
    /// unless the request may have had an effect and must not be repeated.
    /// Errors: aws_not_sent, aws_no_answer, aws_misconfigured.
    [[nodiscard]] Result<HttpAnswer> send(const Origin& origin, const HttpRequest& request,
                                          Deadline deadline);
    /// Loads the trusted certificates, which else the first call does. Errors: aws_misconfigured.
    [[nodiscard]] Result<void> warm();

private:
    struct Outcome;

    Outcome exchange(const Origin& origin, std::unique_ptr<Connection> connection,
                     const HttpRequest& request, std::string_view message, Deadline deadline);

    Settings settings_;
    TlsTrust trust_;
    ConnectionPool pool_;
};

}  // namespace souk::aws
