#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "domain/base/error.h"

namespace souk {

/// Which certificates are believed, and the TLS settings (1.2 and later). Safe to share between
/// threads.
class TlsTrust {
public:
    /// Shape: `ca_file` in PEM; empty: the system's certificates.
    /// Errors: mail_unavailable (the file cannot be read).
    static Result<std::shared_ptr<TlsTrust>> load(const std::string& ca_file);
    virtual ~TlsTrust() = default;
};

/// Whether the peer must prove its name. `unverified` keeps out those who only listen.
enum class PeerProof { verified, unverified };

/// One TCP connection whose every wait is bounded. All errors are mail_unavailable, after which the
/// connection is of no more use. Not for several threads at once.
class Wire {
public:
    using Timeout = std::chrono::milliseconds;

    /// Resolves and connects, trying every address. The system's resolver may exceed `timeout` by
    /// its own.
    static Result<std::unique_ptr<Wire>> connect(const std::string& host, std::uint16_t port,
                                                 Timeout timeout);
    virtual ~Wire() = default;

    /// Speaks TLS from here on. Also fails when the peer has already sent something that would be
    /// taken for part of the encrypted conversation (CVE-2011-0411).
    [[nodiscard]] virtual Result<void> encrypt(const std::shared_ptr<TlsTrust>& trust,
                                               const std::string& host, PeerProof proof,
                                               Timeout timeout) = 0;
    [[nodiscard]] virtual bool encrypted() const = 0;
    [[nodiscard]] virtual Result<void> write(std::string_view bytes, Timeout timeout) = 0;
    /// The next line without its end. Units: at most 4096 bytes, else an error.
    [[nodiscard]] virtual Result<std::string> line(
        std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace souk
