#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "domain/ports/telemetry.h"

namespace souk {

/// Keeps what it is told, for assertions, and shows nothing. Thread-safe.
class SilentTelemetry final : public Telemetry {
public:
    struct Line {
        LogLevel level;
        std::string message;
        std::map<std::string, std::string> labels;
    };

    void log(LogLevel level, std::string_view message, Labels labels = {}) override;
    void count(std::string_view metric, std::int64_t by = 1, Labels labels = {}) override;
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels = {}) override;
    void gauge(std::string_view metric, std::int64_t value, Labels labels = {}) override;
    [[nodiscard]] std::unique_ptr<Span> span(std::string_view name,
                                             std::string_view parent) override;

    /// The sum of all counts of a metric, over all labels; 0 if never counted.
    [[nodiscard]] std::int64_t counted(std::string_view metric) const;
    /// The sum of the counts whose labels include `name` = `value`.
    [[nodiscard]] std::int64_t counted(std::string_view metric, std::string_view name,
                                       std::string_view value) const;
    [[nodiscard]] std::vector<Line> lines() const;
    /// Names of the spans that were started, in order.
    [[nodiscard]] std::vector<std::string> spans() const;

private:
    struct Count {
        std::string metric;
        std::map<std::string, std::string> labels;
        std::int64_t by;
    };

    mutable std::mutex mutex_;
    std::vector<Line> lines_;
    std::vector<Count> counts_;
    std::vector<std::string> spans_;
};

}  // namespace souk
