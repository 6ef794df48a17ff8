#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/telemetry_prometheus/metric_series.h"
#include "domain/ports/telemetry.h"

namespace souk {

/// Units: label sets of one metric; metrics; label sets of all metrics. What goes beyond is
/// recorded without its labels, or dropped and counted.
inline constexpr std::size_t label_sets_per_metric_max =
    1000;  // Some 110 routes, each with its statuses.
inline constexpr std::size_t metrics_max = 500;
inline constexpr std::size_t label_sets_max = 3500;

/// Counters, gauges and histograms by metric name and labels. Recording takes no lock once a label
/// set has been used: one hash, one probe, one atomic addition. Thread-safe.
class MetricRegistry {
public:
    MetricRegistry() = default;
    ~MetricRegistry();
    MetricRegistry(const MetricRegistry&) = delete;
    MetricRegistry& operator=(const MetricRegistry&) = delete;

    void count(std::string_view metric, std::int64_t by, Labels labels);
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels);
    void gauge(std::string_view metric, std::int64_t value, Labels labels);

    /// What `# HELP` says of the metric; without it, its name in words.
    void describe(std::string_view metric, std::string_view help);
    /// Prometheus' text format 0.0.4. Times are shown in seconds.
    [[nodiscard]] std::string text() const;
    /// Records that could not be kept: a malformed name, a name of another kind, too many metrics.
    [[nodiscard]] std::int64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] MetricSeries* find(MetricKind kind, std::string_view metric, Labels labels);
    /// The first use of a label set.
    [[nodiscard]] MetricSeries* add(MetricKind kind, std::string_view metric, Labels labels,
                                    std::uint64_t hash);
    [[nodiscard]] MetricFamily* family_of(MetricKind kind, std::string_view metric);
    [[nodiscard]] MetricSeries* add_to(MetricFamily& family, MetricLabels labels,
                                       std::uint64_t hash);

    InsertOnlyTable<MetricSeries, 8192> series_;
    InsertOnlyTable<MetricFamily, 1024> families_;
    std::atomic<std::int64_t> dropped_{0};

    mutable std::mutex mutex_;  // Guards what follows, and all insertions.
    std::map<std::string, std::unique_ptr<MetricFamily>, std::less<>> by_name_;
    std::map<std::string, std::string, std::less<>> help_;
    std::size_t label_sets_ = 0;
};

}  // namespace souk
