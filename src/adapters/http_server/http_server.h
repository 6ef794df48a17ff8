#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/clock.h"
#include "domain/ports/http.h"
#include "domain/ports/ledger.h"
#include "domain/ports/telemetry.h"

namespace souk {

namespace errors {
/// An address, a proxy, a folder or a certificate among the options cannot be used.
inline constexpr ErrorCode http_server_misconfigured{"http_server_misconfigured",
                                                     ErrorKind::invalid};
/// The port is taken or not allowed.
inline constexpr ErrorCode listen_failed{"listen_failed", ErrorKind::unavailable};
}  // namespace errors

/// What a client may ask of the server. Beyond a bound it gets the status that is named.
struct HttpLimits {
    std::size_t head_bytes_max = 16 * 1024;                    // Request line and headers: 431.
    std::size_t headers_max = 100;                             // 431.
    std::size_t target_bytes_max = 8 * 1024;                   // 414.
    std::size_t chunk_extension_bytes_max = 4096;              // In one body: 400.
    std::uint64_t spooled_body_bytes_max = 100 * 1024 * 1024;  // And the route's body_max: 413.
    // Of all spooled bodies together, and what stays free of their disk (of a small one a part in
    // so many) once each of them is copied to where it belongs: 503.
    std::uint64_t spooled_bytes_max = std::uint64_t{1024} * 1024 * 1024;
    std::uint64_t spool_disk_free_bytes = 64 * 1024 * 1024;
    std::uint64_t spool_disk_free_share = 10;
    std::size_t connections_max = 10'000;  // The idlest are closed, or else this one: 503.
    std::uint64_t kept_bytes_max =
        256 * 1024 * 1024;  // Of all bodies and unread answers in memory: 503, or cut off …
    std::uint64_t kept_freely_bytes = 16 * 1024;  // … but for those of so many bytes.
    std::size_t pipelined_max = 32;  // Answered in a row before other connections have their turn.
    std::chrono::milliseconds head_timeout{
        10'000};  // From its first byte: 408. Also a TLS handshake.
    std::chrono::milliseconds idle_timeout{75'000};      // Between requests: closed.
    std::chrono::milliseconds transfer_grace{10'000};    // Bodies and answers may take this long …
    std::uint64_t transfer_bytes_per_second_min = 1024;  // … and one second for as many bytes: 408.
    std::chrono::milliseconds linger_timeout{
        2'000};  // For the client to close after the last answer …
    std::size_t lingered_bytes_max = 1024 * 1024;  // … and what it may still send: closed.
};

/// PEM files. Shape: the server's certificate first, then those that vouch for it.
struct TlsFiles {
    std::string certificate_chain;
    std::string private_key;
};

struct HttpServerOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6; "::" listens on both.
    std::uint16_t port = 8080;          // 0: any free one.
    // HTTPS instead of HTTP, TLS 1.2 or newer. The files are read again once they have changed,
    // looked at when a connection comes, but not more often than this.
    std::optional<TlsFiles> tls;
    std::chrono::milliseconds tls_looked_at_every{10'000};
    unsigned io_threads = 0;       // 0: one a core.
    std::size_t workers_max = 64;  // Threads for blocking requests, made when first needed.
    std::size_t queue_max = 1024;  // Blocking requests that may wait for a worker; beyond: 503.
    // Addresses and ranges ("10.0.0.0/8") whose X-Forwarded-For is believed.
    std::vector<std::string> trusted_proxies;
    std::string spool_directory = "/tmp";  // For large bodies, in files without a name.
    HttpLimits limits;
};

/// Serves an application over HTTP/1.1 on one machine: keep-alive, pipelining, chunked bodies, TLS.
/// Quick requests are handled on the I/O threads, blocking ones on a bounded pool; deferred
/// responses hold no thread. An idle server makes no system call. Requests whose framing is
/// ambiguous are refused. Source: RFC 9110, RFC 9112.
class HttpServer {
public:
    /// Opens nothing yet, so that `observer()` can be given to the ledger first. The references
    /// outlive the server, and so must every commit that reports to `observer()` be done before it
    /// dies.
    HttpServer(Clock& clock, Telemetry& telemetry, HttpServerOptions options);
    /// Stops without grace.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Wakes the deferred responses that watch what was committed. Valid as long as the server.
    [[nodiscard]] CommitObserver& observer();

    /// Listens and serves from now on. Errors: http_server_misconfigured, listen_failed.
    /// Requires that it was not started before.
    [[nodiscard]] Result<void> start(HttpApplication& application);
    /// The port that it listens on, once started.
    [[nodiscard]] std::uint16_t port() const;

    /// Stops accepting, closes idle connections, answers parked requests with what they carry, and
    /// lets those in flight finish; gives how many connections `grace` was too short for (they are
    /// cut off). A handler that is running is waited for even so. Repeat: does nothing.
    std::size_t stop(std::chrono::milliseconds grace);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace souk
