#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/aws_client/connection.h"
#include "adapters/aws_client/origin.h"

namespace souk::aws {

/// Keeps open connections for the next exchange with the same origin, the latest first.
/// Thread-safe.
class ConnectionPool {
public:
    struct Limits {
        std::size_t connections_max = 64;  // Beyond it the one that has waited longest goes.
        /// Shorter than the services wait themselves, so that it is us who end it.
        std::chrono::milliseconds idle_time_max{20'000};
    };

    explicit ConnectionPool(Limits limits) : limits_(limits) {}

    /// One that was open a moment ago, or null.
    [[nodiscard]] std::unique_ptr<Connection> take(const Origin& origin);
    void put(const Origin& origin, std::unique_ptr<Connection> connection);
    [[nodiscard]] std::size_t size() const;

private:
    struct Waiting {
        Origin origin;
        std::unique_ptr<Connection> connection;
        std::chrono::steady_clock::time_point since;
        std::chrono::system_clock::time_point since_by_the_wall;
    };

    [[nodiscard]] bool is_stale(const Waiting& waiting) const;
    std::unique_ptr<Connection> take_latest(const Origin& origin, std::vector<Waiting>& stale);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::vector<Waiting> waiting_;  // Longest first.
};

}  // namespace souk::aws
