#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "domain/base/error.h"

namespace souk::aws {

/// An address and port that a socket connects to.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// Every address of the host; none when it has none.
using Resolve =
    std::function<std::vector<SocketAddress>(const std::string& host, std::uint16_t port)>;

/// Asks the system (`getaddrinfo`).
[[nodiscard]] std::vector<SocketAddress> resolve_by_system(const std::string& host,
                                                           std::uint16_t port);

/// Threads that may be stuck in a resolver at once; beyond that lookups fail at once.
inline constexpr int lookups_max = 16;

/// Every address of the host, at least one. The system's resolver cannot be interrupted: it runs on
/// a thread of its own, which is left behind when it takes too long. Errors: aws_not_sent.
[[nodiscard]] Result<std::vector<SocketAddress>> look_up(
    const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline,
    const Resolve& resolve = resolve_by_system);

}  // namespace souk::aws
