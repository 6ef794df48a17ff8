#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "adapters/aws_client/origin.h"
#include "adapters/aws_client/socket.h"
#include "adapters/aws_client/tls_trust.h"
#include "domain/base/error.h"

namespace souk::aws {

/// An open connection, plain or under TLS; after an error it is of no more use. For one thread at a
/// time.
class Connection {
public:
    /// Errors: aws_not_sent, aws_misconfigured (`trust`).
    static Result<std::unique_ptr<Connection>> open(const Origin& origin, TlsTrust& trust,
                                                    Deadline deadline);
    virtual ~Connection() = default;

    /// Sends all of it. Errors: aws_no_answer; `bytes_sent` tells whether anything left.
    [[nodiscard]] virtual Result<void> write(std::string_view bytes, Deadline deadline) = 0;
    /// How many bytes came: 0 at the peer's end of the conversation. Errors: aws_no_answer.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<char> room, Deadline deadline) = 0;
    /// Whether the peer, who has nothing to say between requests, is still there as far as one can
    /// tell.
    [[nodiscard]] virtual bool is_quiet() = 0;
    [[nodiscard]] virtual std::uint64_t bytes_sent() const = 0;
};

/// The reason that errors of `write` and `read` give when the deadline came first.
inline constexpr std::string_view took_too_long = "The service took too long.";

}  // namespace souk::aws
