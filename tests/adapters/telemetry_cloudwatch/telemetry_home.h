#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/memory/settable_clock.h"
#include "adapters/telemetry_cloudwatch/cloudwatch_telemetry.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::cloudwatch {

/// A file in memory to log to.
class LogFile {
public:
    LogFile() : descriptor_(::memfd_create("log", MFD_CLOEXEC)) {}
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() { ::close(descriptor_); }

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::string text() const {
        std::string all(static_cast<std::size_t>(::lseek(descriptor_, 0, SEEK_END)), '\0');
        EXPECT_EQ(::pread(descriptor_, all.data(), all.size(), 0),
                  static_cast<ssize_t>(all.size()));
        return all;
    }
    /// Every one ends with a line break.
    [[nodiscard]] std::vector<std::string> lines() const {
        const std::string all = text();
        std::vector<std::string> out;
        for (const auto line : split(all, '\n')) {
            out.emplace_back(line);
        }
        EXPECT_EQ(out.back(), "");
        out.pop_back();
        return out;
    }
    [[nodiscard]] std::vector<JsonDocument> documents() const {
        std::vector<JsonDocument> out;
        for (const auto& line : lines()) {
            auto document = JsonDocument::parse(line);
            EXPECT_TRUE(document) << line;
            out.push_back(document ? *std::move(document) : JsonDocument{});
        }
        return out;
    }

private:
    int descriptor_;
};

/// The X-Ray daemon's side: a UDP socket on loopback.
class Daemon {
public:
    Daemon() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(socket_, generic, size), 0);
        ::getsockname(socket_, generic, &size);
        port_ = ntohs(address.sin_port);
    }
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon() { ::close(socket_); }

    [[nodiscard]] std::string address() const { return cat("127.0.0.1:", port_); }
    /// The next datagram. On loopback it is there when `send` returns.
    [[nodiscard]] std::optional<std::string> datagram() const {
        std::string bytes(1 << 17, '\0');
        const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got < 0) {
            return std::nullopt;
        }
        bytes.resize(static_cast<std::size_t>(got));
        return bytes;
    }
    /// The document of the next datagram; fails the test if there is none.
    [[nodiscard]] JsonDocument segment() const {
        constexpr std::string_view header = "{\"format\":\"json\",\"version\":1}\n";
        const std::string bytes = datagram().value_or("");
        EXPECT_TRUE(bytes.starts_with(header)) << bytes;
        auto document = JsonDocument::parse(bytes.substr(std::min(header.size(), bytes.size())));
        EXPECT_TRUE(document) << bytes;
        return document ? *std::move(document) : JsonDocument{};
    }

private:
    int socket_;
    int port_ = 0;
};

struct TelemetryHome {
    SettableClock clock;  // Stands at 2026-01-01T00:00:00Z: 0x6955b900 seconds.
    LogFile file;
    Daemon daemon;

    std::unique_ptr<CloudWatchTelemetry> make(CloudWatchOptions options = {}) {
        options.descriptor = file.descriptor();
        auto made = CloudWatchTelemetry::make(options, clock);
        EXPECT_TRUE(made) << made.error().detail;
        return made ? *std::move(made) : nullptr;
    }
    std::unique_ptr<CloudWatchTelemetry> make_traced() {
        return make({.xray_daemon_address = daemon.address()});
    }
};

}  // namespace souk::cloudwatch
