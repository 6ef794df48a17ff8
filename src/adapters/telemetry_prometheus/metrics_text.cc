#include <algorithm>

#include "adapters/telemetry_prometheus/metric_registry.h"
#include "domain/base/clipped_text.h"
#include "domain/base/text.h"

/// Prometheus' text format. Source: prometheus.io/docs/instrumenting/exposition_formats, version
/// 0.0.4.
namespace souk {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;

std::string_view type_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::counter: return "counter";
        case MetricKind::gauge: return "gauge";
        case MetricKind::histogram: break;
    }
    return "histogram";
}

enum class Place { label_value, help };

std::string escaped(std::string_view text, Place place) {
    std::string out;
    for (const char c : readable(text)) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && place == Place::label_value) {
            out += "\\\"";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string label_name(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        const bool allowed =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        c = allowed ? c : '_';
    }
    // "le" is the histograms' own.
    const bool taken = out.empty() || out == "le" || (out[0] >= '0' && out[0] <= '9');
    return taken ? cat("label_", out) : out;
}

/// `a="b",c="d"`, in the names' order.
std::string labels_text(const MetricSeries& series) {
    MetricLabels sorted = series.labels;
    std::ranges::sort(sorted);
    std::string out;
    for (const auto& [name, value] : sorted) {
        out += cat(out.empty() ? "" : ",", label_name(name), "=\"",
                   escaped(value, Place::label_value), "\"");
    }
    return out;
}

std::string in_seconds(std::int64_t us) {
    return cat(us / us_per_second, ".",
               zero_padded(static_cast<std::uint64_t>(us % us_per_second), 6));
}

std::string sample(std::string_view name, std::string_view labels, std::string_view value) {
    return labels.empty() ? cat(name, " ", value, "\n") : cat(name, "{", labels, "} ", value, "\n");
}

std::string histogram_text(std::string_view name, const std::string& labels,
                           const std::array<HistogramShard, metric_shards>& shards) {
    const std::string before = labels.empty() ? "" : cat(labels, ",");
    std::string out;
    std::int64_t total = 0;
    std::int64_t sum_us = 0;
    for (std::size_t bucket = 0; bucket <= metric_buckets.size(); ++bucket) {
        for (const auto& shard : shards) {
            total += shard.counts[bucket].load(std::memory_order_relaxed);
        }
        const std::string_view bound =
            bucket < metric_buckets.size() ? metric_buckets[bucket].shown : "+Inf";
        out += sample(cat(name, "_bucket"), cat(before, "le=\"", bound, "\""), cat(total));
    }
    for (const auto& shard : shards) {
        sum_us += shard.sum_us.load(std::memory_order_relaxed);
    }
    return cat(out, sample(cat(name, "_sum"), labels, in_seconds(sum_us)),
               sample(cat(name, "_count"), labels, cat(total)));
}

std::string series_text(const MetricFamily& family, const MetricSeries& series) {
    const std::string labels = labels_text(series);
    if (series.histogram) {
        return histogram_text(family.name, labels, *series.histogram);
    }
    std::int64_t value = 0;
    for (const auto& shard : series.shards) {
        value += shard.value.load(std::memory_order_relaxed);
    }
    return sample(family.name, labels, cat(value));
}

}  // namespace

std::string MetricRegistry::text() const {
    const std::scoped_lock lock(mutex_);
    std::string out;
    for (const auto& [name, family] : by_name_) {
        const auto described = help_.find(name);
        std::string help = described == help_.end() ? name : described->second;
        if (described == help_.end()) {
            std::ranges::replace(help, '_', ' ');
        }
        out += cat("# HELP ", name, " ", escaped(help, Place::help), "\n# TYPE ", name, " ",
                   type_of(family->kind), "\n");
        std::vector<std::string> lines;
        for (const auto& series : family->series) {
            lines.push_back(series_text(*family, *series));
        }
        std::ranges::sort(lines);
        for (const auto& line : lines) {
            out += line;
        }
    }
    return out;
}

}  // namespace souk
