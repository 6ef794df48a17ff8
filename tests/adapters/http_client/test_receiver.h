#pragma once

#include <openssl/types.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace souk::testing {

/// A server on loopback that takes one connection after the other, keeps what it was sent and
/// answers the same bytes each time. It never answers when they are empty.
class TestReceiver {
public:
    explicit TestReceiver(std::string answer);
    /// With TLS up to this version; 0: the newest. Shape: PEM files.
    TestReceiver(std::string answer, const std::string& certificate, const std::string& key,
                 int version_max = 0);
    ~TestReceiver();
    TestReceiver(const TestReceiver&) = delete;
    TestReceiver& operator=(const TestReceiver&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] int connections() const { return connections_; }
    /// The last request.
    [[nodiscard]] std::string request() const;
    /// The name that the last client asked for in TLS.
    [[nodiscard]] std::string server_name() const;

private:
    void listen();
    void serve();
    void talk(int socket);
    void talk_tls(int socket);

    std::string answer_;
    SSL_CTX* tls_ = nullptr;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::atomic<bool> stopped_{false};
    mutable std::mutex mutex_;
    std::string request_;
    std::string server_name_;
    std::thread thread_;
};

}  // namespace souk::testing
