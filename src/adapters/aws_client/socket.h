#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "adapters/aws_client/name_lookup.h"
#include "domain/base/error.h"

namespace souk::aws {

using Deadline = std::chrono::steady_clock::time_point;

/// A connected TCP socket. Only `wait` blocks.
class Socket {
public:
    enum class Until { readable, writable };

    /// Tries the addresses one after the other, each for its share of the time.
    /// Errors: aws_not_sent.
    static Result<Socket> connect(const std::vector<SocketAddress>& addresses, Deadline deadline);

    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&&) = delete;
    ~Socket();

    /// False when the deadline came first.
    [[nodiscard]] bool wait(Until until, Deadline deadline) const;
    /// As send(2) and recv(2): -1 with errno. Never raises SIGPIPE.
    [[nodiscard]] ssize_t send(const char* bytes, std::size_t count);
    [[nodiscard]] ssize_t receive(char* bytes, std::size_t count);
    /// Whether something has come, or the end.
    [[nodiscard]] bool is_readable() const;
    /// Bytes that the system has accepted for sending so far.
    [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }

private:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    std::uint64_t bytes_sent_ = 0;
};

}  // namespace souk::aws
