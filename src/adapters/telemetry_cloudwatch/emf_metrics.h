#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
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

/// The labels that alarms and dashboards tell metrics apart by.
using DimensionLabels = std::set<std::string, std::less<>>;

/// Metrics between two flushes: counts added up, times kept one by one, gauges the last. AWS
/// charges for each distinct set of dimensions, so only `dimension_labels` become some; other
/// labels are members of the line, by which logs can be searched. A label whose value looks like an
/// id, and every label beyond `dimensions_max`, is left out. Not thread-safe.
class EmfMetrics {
public:
    EmfMetrics(std::string metric_namespace, Dimensions common, DimensionLabels dimension_labels);

    void count(std::string_view metric, std::int64_t by, Labels labels);
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels);
    void gauge(std::string_view metric, std::int64_t value, Labels labels);

    /// The log lines, without their ends, that carry everything since the last call.
    [[nodiscard]] std::vector<std::string> take(Instant now);
    /// Records that could not be kept since the last call.
    [[nodiscard]] std::int64_t take_dropped() { return std::exchange(dropped_, 0); }

private:
    enum class Kind { count, time, gauge };
    /// One metric's share of a line.
    struct Piece {
        std::string_view name;
        std::string_view unit;
        std::string values;  // As JSON.
    };
    struct Series {
        Kind kind;
        std::vector<std::int64_t> values;  // One of a count or gauge; microseconds of times.
    };
    using Metrics = std::map<std::string, Series, std::less<>>;
    /// What a line says besides its metrics.
    struct Place {
        Dimensions dimensions;
        Dimensions properties;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    /// Null when it cannot be kept.
    [[nodiscard]] Series* series(Kind kind, std::string_view metric, Labels labels);
    [[nodiscard]] Place place_of(Labels labels) const;
    [[nodiscard]] std::string render(const Place& place, std::span<const Piece> pieces,
                                     Instant now) const;
    void write_lines(const Place& place, const Metrics& metrics, Instant now,
                     std::vector<std::string>& lines) const;

    std::string namespace_;
    Dimensions common_;
    DimensionLabels dimension_labels_;
    std::map<Place, Metrics> series_;
    std::size_t series_count_ = 0;
    std::int64_t dropped_ = 0;
};

/// Whether a value names one thing of many: an id of souk, a UUID, a long number or digest, an
/// e-mail address.
[[nodiscard]] bool looks_like_an_id(std::string_view value);

}  // namespace souk::cloudwatch
