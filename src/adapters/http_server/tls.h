#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/http_server/http_server.h"
#include "adapters/http_server/wire.h"
#include "domain/base/error.h"
#include "domain/ports/telemetry.h"

namespace souk::http_edge {

/// TLS 1.2 or newer with these files; speaks http/1.1 by ALPN. Errors: http_server_misconfigured.
[[nodiscard]] Result<TlsContext> tls_context(const TlsFiles& files);

/// The server's certificate. It is renewed every few weeks, by a program that writes other files in
/// the place of these: connections from then on get what the files say. Thread-safe.
class Certificate {
public:
    /// The files are looked at when a connection comes, but not more often than `every`.
    /// `telemetry` outlives it. Errors: http_server_misconfigured.
    static Result<std::unique_ptr<Certificate>> read(TlsFiles files,
                                                     std::chrono::milliseconds every,
                                                     Telemetry& telemetry);

    /// For the next connection, which keeps it as long as it lives. Files that cannot be used are
    /// logged, once, and change nothing: a key may come a moment after its certificate.
    [[nodiscard]] TlsContext current();

private:
    using Time = std::chrono::steady_clock::time_point;

    Certificate(TlsFiles files, std::chrono::milliseconds every, Telemetry& telemetry)
        : files_(std::move(files)), every_(every), telemetry_(telemetry) {}

    [[nodiscard]] Result<void> read_if_changed();

    const TlsFiles files_;
    const std::chrono::milliseconds every_;
    Telemetry& telemetry_;
    std::mutex mutex_;
    TlsContext context_;
    std::string versions_;  // Of the files that were read last, whether they could be used or not.
    Time looked_at_;
};

}  // namespace souk::http_edge
