#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http_client/ip_address.h"
#include "domain/base/error.h"

namespace souk::http_out {

/// Looks names up on a few threads of its own, because the system's resolver cannot be interrupted:
/// whoever asked stops waiting at the deadline, the thread goes on until the resolver lets go of
/// it.
class NameLookups {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Every address of the name; none when it has none.
    using Resolve = std::function<std::vector<IpAddress>(const std::string& host)>;

    NameLookups(Resolve resolve, std::size_t threads_max);
    ~NameLookups();
    NameLookups(const NameLookups&) = delete;
    NameLookups& operator=(const NameLookups&) = delete;

    /// At least one address. Errors: target_unreachable (no such name, no answer in time).
    [[nodiscard]] Result<std::vector<IpAddress>> find(const std::string& host, Time deadline);

private:
    struct State;
    static void work(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;  // Shared with threads that may outlive this object.
};

/// Asks the system (`getaddrinfo`).
[[nodiscard]] std::vector<IpAddress> resolve_by_system(const std::string& host);

}  // namespace souk::http_out
