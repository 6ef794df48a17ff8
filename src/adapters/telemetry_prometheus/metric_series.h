#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ports/telemetry.h"

/// The parts that MetricRegistry is made of.
namespace souk {

enum class MetricKind { counter, gauge, histogram };
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Upper bounds of the histograms, and how Prometheus shows them. Units: microseconds.
struct MetricBucket {
    std::int64_t at_most_us;
    std::string_view shown;  // Seconds.
};
inline constexpr std::array<MetricBucket, 14> metric_buckets{{{500, "0.0005"},
                                                              {1'000, "0.001"},
                                                              {2'500, "0.0025"},
                                                              {5'000, "0.005"},
                                                              {10'000, "0.01"},
                                                              {25'000, "0.025"},
                                                              {50'000, "0.05"},
                                                              {100'000, "0.1"},
                                                              {250'000, "0.25"},
                                                              {500'000, "0.5"},
                                                              {1'000'000, "1"},
                                                              {2'500'000, "2.5"},
                                                              {5'000'000, "5"},
                                                              {10'000'000, "10"}}};

/// Threads write to different cache lines. Two cores' worth and some room.
inline constexpr std::size_t metric_shards = 4;

struct alignas(64) MetricShard {
    std::atomic<std::int64_t> value{0};  // A counter's part; of shard 0, a gauge's value.
};
struct alignas(64) HistogramShard {
    std::array<std::atomic<std::int64_t>, metric_buckets.size() + 1> counts{};
    std::atomic<std::int64_t> sum_us{0};
};

struct MetricFamily;

/// One label set of one metric.
struct MetricSeries {
    const MetricFamily* family = nullptr;
    std::uint64_t hash = 0;
    MetricLabels labels;
    std::array<MetricShard, metric_shards> shards;
    std::unique_ptr<std::array<HistogramShard, metric_shards>> histogram;

    [[nodiscard]] bool is(MetricKind kind, std::string_view metric, Labels wanted) const;
};

/// One metric.
struct MetricFamily {
    std::string name;
    std::uint64_t hash = 0;
    MetricKind kind = MetricKind::counter;
    /// Set once there are too many label sets: where all further ones go.
    std::atomic<MetricSeries*> overflow{nullptr};
    std::vector<std::unique_ptr<MetricSeries>> series;
};

/// Open addressing over atomic pointers: reads take no lock, insertions are the owner's to
/// serialise and never fill more than half of it. Nothing is ever removed.
template <class T, std::size_t slots>
class InsertOnlyTable {
    static_assert((slots & (slots - 1)) == 0, "a power of two");

public:
    template <class Matches>
    [[nodiscard]] T* find(std::uint64_t hash, Matches matches) const {
        for (std::size_t at = hash & (slots - 1);; at = (at + 1) & (slots - 1)) {
            T* entry = slots_[at].load(std::memory_order_acquire);
            if (entry == nullptr || (entry->hash == hash && matches(*entry))) {
                return entry;
            }
        }
    }
    void insert(T& entry) {
        std::size_t at = entry.hash & (slots - 1);
        while (slots_[at].load(std::memory_order_relaxed) != nullptr) {
            at = (at + 1) & (slots - 1);
        }
        slots_[at].store(&entry, std::memory_order_release);
    }

private:
    std::array<std::atomic<T*>, slots> slots_{};
};

}  // namespace souk
