#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "domain/base/error.h"

namespace souk::aws {

/// An address and port that a socket connects to.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// Every address of the host, at least one. The system's resolver cannot be interrupted: it runs on
/// a thread of its own, which is left behind when it takes too long. Errors: aws_not_sent.
[[nodiscard]] Result<std::vector<SocketAddress>> look_up(
    const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace souk::aws
