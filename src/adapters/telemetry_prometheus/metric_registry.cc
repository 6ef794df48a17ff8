#include "adapters/telemetry_prometheus/metric_registry.h"

#include <algorithm>

namespace souk {

namespace {

/// FNV-1a; names and labels are ours, so no one can choose them to collide.
std::uint64_t hashed(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL) {
    for (const char c : text) {
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return seed;
}

/// The same for every order of the labels.
std::uint64_t hashed(std::string_view metric, Labels labels) {
    std::uint64_t sum = hashed(metric);
    for (const auto& [name, value] : labels) {
        sum += hashed(value, hashed(name) ^ 0xFF) * 0x9E3779B97F4A7C15ULL;
    }
    return sum ^ (sum >> 32);
}

std::size_t own_shard() {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t shard = threads.fetch_add(1) % metric_shards;
    return shard;
}

/// Source: Prometheus data model, [a-zA-Z_:][a-zA-Z0-9_:]*.
bool is_metric_name(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == ':';
           });
}

std::size_t bucket_of(std::int64_t us) {
    const auto found = std::ranges::lower_bound(metric_buckets, us, {}, &MetricBucket::at_most_us);
    return static_cast<std::size_t>(found - metric_buckets.begin());
}

}  // namespace

bool MetricSeries::is(MetricKind kind, std::string_view metric, Labels wanted) const {
    return family->kind == kind && family->name == metric && labels.size() == wanted.size() &&
           std::ranges::all_of(wanted, [this](const Label& label) {
               return std::ranges::any_of(labels, [&](const auto& own) {
                   return own.first == label.first && own.second == label.second;
               });
           });
}

MetricRegistry::~MetricRegistry() = default;

void MetricRegistry::count(std::string_view metric, std::int64_t by, Labels labels) {
    if (MetricSeries* series = find(MetricKind::counter, metric, labels)) {
        series->shards[own_shard()].value.fetch_add(by, std::memory_order_relaxed);
    }
}

void MetricRegistry::time(std::string_view metric, std::chrono::microseconds took, Labels labels) {
    if (MetricSeries* series = find(MetricKind::histogram, metric, labels)) {
        const std::int64_t us = std::max<std::int64_t>(took.count(), 0);
        HistogramShard& shard = (*series->histogram)[own_shard()];
        shard.counts[bucket_of(us)].fetch_add(1, std::memory_order_relaxed);
        shard.sum_us.fetch_add(us, std::memory_order_relaxed);
    }
}

void MetricRegistry::gauge(std::string_view metric, std::int64_t value, Labels labels) {
    if (MetricSeries* series = find(MetricKind::gauge, metric, labels)) {
        series->shards[0].value.store(value, std::memory_order_relaxed);
    }
}

void MetricRegistry::describe(std::string_view metric, std::string_view help) {
    const std::scoped_lock lock(mutex_);
    help_.insert_or_assign(std::string(metric), std::string(help));
}

MetricSeries* MetricRegistry::find(MetricKind kind, std::string_view metric, Labels labels) {
    const std::uint64_t hash = hashed(metric, labels);
    if (MetricSeries* known = series_.find(
            hash, [&](const MetricSeries& series) { return series.is(kind, metric, labels); })) {
        return known;
    }
    // A metric whose labels come without end must not make every record take the lock.
    const MetricFamily* family = families_.find(
        hashed(metric), [&](const MetricFamily& entry) { return entry.name == metric; });
    MetricSeries* overflow = family ? family->overflow.load(std::memory_order_acquire) : nullptr;
    MetricSeries* series =
        overflow && family->kind == kind ? overflow : add(kind, metric, labels, hash);
    if (!series) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    return series;
}

MetricSeries* MetricRegistry::add(MetricKind kind, std::string_view metric, Labels labels,
                                  std::uint64_t hash) {
    const std::scoped_lock lock(mutex_);
    // Another thread may have added it between the look and the lock.
    if (MetricSeries* known = series_.find(
            hash, [&](const MetricSeries& series) { return series.is(kind, metric, labels); })) {
        return known;
    }
    MetricFamily* family = family_of(kind, metric);
    if (!family) {
        return nullptr;
    }
    if (family->series.size() < label_sets_per_metric_max && label_sets_ < label_sets_max) {
        ++label_sets_;
        MetricLabels own;
        for (const auto& [name, value] : labels) {
            own.emplace_back(name, value);
        }
        return add_to(*family, std::move(own), hash);
    }
    MetricSeries* overflow = family->overflow.load(std::memory_order_relaxed);
    if (!overflow) {
        const Labels beyond{{"overflow", "true"}};
        overflow = add_to(*family, {{"overflow", "true"}}, hashed(metric, beyond));
        family->overflow.store(overflow, std::memory_order_release);
    }
    return overflow;
}

MetricFamily* MetricRegistry::family_of(MetricKind kind, std::string_view metric) {
    const auto known = by_name_.find(metric);
    if (known != by_name_.end()) {
        return known->second->kind == kind ? known->second.get() : nullptr;
    }
    if (!is_metric_name(metric) || by_name_.size() >= metrics_max) {
        return nullptr;
    }
    auto family = std::make_unique<MetricFamily>();
    family->name = metric;
    family->hash = hashed(metric);
    family->kind = kind;
    families_.insert(*family);
    return by_name_.emplace(family->name, std::move(family)).first->second.get();
}

MetricSeries* MetricRegistry::add_to(MetricFamily& family, MetricLabels labels,
                                     std::uint64_t hash) {
    auto series = std::make_unique<MetricSeries>();
    series->family = &family;
    series->hash = hash;
    series->labels = std::move(labels);
    if (family.kind == MetricKind::histogram) {
        series->histogram = std::make_unique<std::array<HistogramShard, metric_shards>>();
    }
    series_.insert(*series);
    return family.series.emplace_back(std::move(series)).get();
}

}  // namespace souk
