#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "domain/base/text.h"

namespace souk {

/// A collector on loopback: takes POST requests one by one and answers as told.
class OtlpSink {
public:
    struct Received {
        std::string head;
        std::string body;
    };

    /// Shape: one status for each request, then 200; 0 hangs up instead.
    explicit OtlpSink(std::vector<int> statuses = {})
        : statuses_(statuses.begin(), statuses.end()) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    OtlpSink(const OtlpSink&) = delete;
    OtlpSink& operator=(const OtlpSink&) = delete;
    ~OtlpSink() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::string endpoint() const { return cat("http://127.0.0.1:", port_); }
    /// The next request; fails the test if none comes.
    Received next() {
        std::unique_lock lock(mutex_);
        const bool came = arrived_.wait_for(lock, std::chrono::seconds(30),
                                            [this] { return !received_.empty(); });
        EXPECT_TRUE(came) << "No request has come.";
        if (!came) {
            return {};
        }
        Received first = std::move(received_.front());
        received_.pop_front();
        return first;
    }

private:
    void serve() {
        for (;;) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) {
                return;
            }
            if (auto request = read_request(connection)) {
                answer(connection);
                const std::scoped_lock lock(mutex_);
                received_.push_back(*std::move(request));
                arrived_.notify_all();
            }
            ::close(connection);
        }
    }
    static std::optional<Received> read_request(int connection) {
        std::string all;
        for (;;) {
            const auto end = all.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto named = all.find("Content-Length: ") + 16;
                const auto size = to_integer(
                    std::string_view(all).substr(named, all.find("\r\n", named) - named));
                if (size && all.size() >= end + 4 + static_cast<std::size_t>(*size)) {
                    return Received{all.substr(0, end), all.substr(end + 4)};
                }
            }
            char chunk[4096];
            const ssize_t length = ::read(connection, chunk, sizeof chunk);
            if (length <= 0) {
                return std::nullopt;
            }
            all.append(chunk, static_cast<std::size_t>(length));
        }
    }
    void answer(int connection) {
        int status = 200;
        if (!statuses_.empty()) {
            status = statuses_.front();
            statuses_.pop_front();
        }
        if (status != 0) {
            const std::string text =
                cat("HTTP/1.1 ", status, " Whatever\r\nContent-Length: 2\r\n\r\n{}");
            static_cast<void>(::send(connection, text.data(), text.size(), MSG_NOSIGNAL));
        }
    }

    int listener_ = -1;
    int port_ = 0;
    std::deque<int> statuses_;  // The serving thread's alone.
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Received> received_;
    std::thread thread_;
};

}  // namespace souk
