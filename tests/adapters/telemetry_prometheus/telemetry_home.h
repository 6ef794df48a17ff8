#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "adapters/memory/settable_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "domain/base/text.h"

namespace souk {

/// A file in memory to log to.
class LogFile {
public:
    LogFile() : descriptor_(::memfd_create("log", MFD_CLOEXEC)) {}
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile() { ::close(descriptor_); }

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::string all(1 << 20, '\0');
        const ssize_t length = ::pread(descriptor_, all.data(), all.size(), 0);
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
        std::vector<std::string> out;
        for (const auto line : split(all, '\n')) {
            if (!line.empty()) {
                out.emplace_back(line);
            }
        }
        return out;
    }

private:
    int descriptor_;
};

struct TelemetryHome {
    SettableClock clock;
    LogFile file;

    std::unique_ptr<ServerTelemetry> make(ServerTelemetryOptions options = {}) {
        options.log_descriptor = file.descriptor();
        auto made = ServerTelemetry::make(std::move(options), clock);
        EXPECT_TRUE(made) << (made ? "" : made.error().detail);
        return made ? *std::move(made) : nullptr;
    }
};

}  // namespace souk
