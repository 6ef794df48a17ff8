#include "adapters/aws_client/name_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

struct Lookup {
    std::mutex mutex;
    std::condition_variable done;
    std::optional<std::vector<SocketAddress>> addresses;
};

std::atomic<int>& running_lookups() {
    static std::atomic<int> count{0};
    return count;
}

template <class Address>
SocketAddress socket_address(const Address& address) {
    SocketAddress out;
    std::memcpy(&out.storage, &address, sizeof(address));
    out.size = sizeof(address);
    return out;
}

std::optional<SocketAddress> literal(const std::string& host, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        return socket_address(v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        return socket_address(v6);
    }
    return std::nullopt;
}

std::unexpected<Error> not_found(std::string detail) {
    return fail(errors::aws_not_sent, std::move(detail));
}

/// Whether the thread could be started.
bool start(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port,
           const Resolve& resolve) {
    if (running_lookups().fetch_add(1) >= lookups_max) {
        running_lookups().fetch_sub(1);
        return false;
    }
    try {
        std::thread([lookup, host, port, resolve] {
            std::vector<SocketAddress> addresses = resolve(host, port);
            {
                const std::lock_guard lock(lookup->mutex);
                lookup->addresses = std::move(addresses);
            }
            lookup->done.notify_all();
            running_lookups().fetch_sub(1);
        }).detach();
    } catch (const std::system_error&) {
        running_lookups().fetch_sub(1);
        return false;
    }
    return true;
}

}  // namespace

std::vector<SocketAddress> resolve_by_system(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    std::vector<SocketAddress> addresses;
    if (::getaddrinfo(host.c_str(), cat(port).c_str(), &hints, &found) != 0) {
        return addresses;
    }
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        SocketAddress& address = addresses.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.size = entry->ai_addrlen;
    }
    ::freeaddrinfo(found);
    return addresses;
}

Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port,
                                           std::chrono::steady_clock::time_point deadline,
                                           const Resolve& resolve) {
    if (const auto address = literal(host, port)) {
        return std::vector{*address};
    }
    const auto lookup = std::make_shared<Lookup>();
    if (!start(lookup, host, port, resolve)) {
        return not_found("Too many names are being looked up.");
    }
    std::unique_lock lock(lookup->mutex);
    if (!lookup->done.wait_until(lock, deadline, [&] { return lookup->addresses.has_value(); })) {
        return not_found(cat("Looking up ", host, " took too long."));
    }
    if (lookup->addresses->empty()) {
        return not_found(cat("There is no host named ", host, '.'));
    }
    return std::move(*lookup->addresses);
}

}  // namespace souk::aws
