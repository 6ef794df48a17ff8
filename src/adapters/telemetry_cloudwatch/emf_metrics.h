#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/instant.h"
#include "domain/ports/telemetry.h"

namespace souk::cloudwatch {

/// Bounds of CloudWatch's embedded metric format. Source: CloudWatch User Guide, "Specification:
/// Embedded metric format".
inline constexpr std::size_t metrics_per_line_max = 100;
inline constexpr std::size_t values_per_metric_max = 100;  // In one line; further ones make more.
inline constexpr std::size_t dimensions_max = 30;          // The common ones and the labels.
inline constexpr std::size_t dimension_value_bytes_max = 1024;
/// Our own, so that a fault elsewhere does not fill the memory between two flushes. What is over is
/// counted as dropped.
inline constexpr std::size_t metric_series_max = 1000;
inline constexpr std::size_t series_values_max = 10'000;

/// What every metric is of, e.g. {"Service", "orders"}, {"Stage", "prod"}.
using Dimensions = std::vector<std::pair<std::string, std::string>>;

/// Metrics between two flushes: counts added up, times kept one by one, gauges the last. Each
/// distinct set of labels is a metric that AWS charges for, so a label whose value looks like an
/// id, and every label beyond `dimensions_max`, is left out of the dimensions. Not thread-safe.
class EmfMetrics {
public:
    EmfMetrics(std::string metric_namespace, Dimensions common);

    void count(std::string_view metric, std::int64_t by, Labels labels);
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels);
    void gauge(std::string_view metric, std::int64_t value, Labels labels);

    /// The log lines, without their ends, that carry everything since the last call.
    [[nodiscard]] std::vector<std::string> take(Instant now);
    /// Records that could not be kept since the last call.
    [[nodiscard]] std::int64_t take_dropped() { return std::exchange(dropped_, 0); }

private:
    enum class Kind { count, time, gauge };
    struct Series {
        Kind kind;
        std::vector<std::int64_t> values;  // One of a count or gauge; microseconds of times.
    };
    using Metrics = std::map<std::string, Series, std::less<>>;
    /// Null when it cannot be kept.
    [[nodiscard]] Series* series(Kind kind, std::string_view metric, Labels labels);
    void write_lines(const Dimensions& dimensions, const Metrics& metrics, Instant now,
                     std::vector<std::string>& lines) const;

    std::string namespace_;
    Dimensions common_;
    std::map<Dimensions, Metrics> series_;
    std::size_t series_count_ = 0;
    std::int64_t dropped_ = 0;
};

/// Whether a value names one thing of many: an id of souk, a UUID, a long number or digest, an
/// e-mail address.
[[nodiscard]] bool looks_like_an_id(std::string_view value);

}  // namespace souk::cloudwatch
