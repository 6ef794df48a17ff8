#include "adapters/telemetry_cloudwatch/emf_metrics.h"

#include <algorithm>
#include <array>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::cloudwatch {

namespace {

constexpr std::size_t ulid_length = 26;
constexpr std::size_t uuid_length = 36;
constexpr std::size_t digest_length_min = 16;
constexpr std::size_t dimension_name_bytes_max = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// CloudWatch takes printable ASCII, and no dimension that is empty.
std::string dimension_text(std::string_view text, std::size_t bytes_max) {
    std::string out(text.substr(0, bytes_max));
    std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return trimmed(out).empty() ? "-" : out;
}

std::string dimension_name(std::string_view label, const Dimensions& common) {
    const bool clashes =
        label == "_aws" ||
        std::ranges::find(common, label, &Dimensions::value_type::first) != common.end();
    std::string name =
        cat(clashes ? "label_" : "", dimension_text(label, dimension_name_bytes_max));
    // A colon in front is CloudWatch's own.
    std::ranges::replace(name, ':', '_');
    return name;
}

/// Seconds with six decimals, without zeros at the end.
std::string seconds(std::int64_t us) {
    const auto size = static_cast<std::uint64_t>(us < 0 ? -us : us);
    std::string out =
        cat(us < 0 ? "-" : "", size / 1'000'000, '.', zero_padded(size % 1'000'000, 6));
    out.erase(out.find_last_not_of('0') + 1);
    return out.ends_with('.') ? out + '0' : out;
}

std::string times_as_json(std::span<const std::int64_t> values) {
    if (values.size() == 1) {
        return seconds(values[0]);
    }
    std::string out = "[";
    for (const std::int64_t us : values) {
        out += cat(out.size() == 1 ? "" : ",", seconds(us));
    }
    return out + ']';
}

}  // namespace

bool looks_like_an_id(std::string_view value) {
    if (value.find('@') != std::string_view::npos) {
        return true;
    }
    const std::string_view last = value.substr(value.rfind('_') + 1);
    if (last.size() == ulid_length &&
        std::ranges::all_of(last, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); })) {
        return true;
    }
    const auto hyphens = std::ranges::count(value, '-');
    const bool digits_only =
        std::ranges::all_of(value, [](char c) { return is_hex_digit(c) || c == '-'; });
    return digits_only && std::ranges::any_of(value, is_digit) &&
           ((hyphens == 0 && value.size() >= digest_length_min) ||
            (hyphens == 4 && value.size() == uuid_length));
}

EmfMetrics::EmfMetrics(std::string metric_namespace, Dimensions common,
                       DimensionLabels dimension_labels)
    : namespace_(std::move(metric_namespace)),
      common_(std::move(common)),
      dimension_labels_(std::move(dimension_labels)) {
    for (auto& [name, value] : common_) {
        value = dimension_text(value, dimension_value_bytes_max);
    }
}

void EmfMetrics::count(std::string_view metric, std::int64_t by, Labels labels) {
    if (Series* found = series(Kind::count, metric, labels)) {
        found->values.resize(1);
        found->values[0] += by;
    }
}

void EmfMetrics::time(std::string_view metric, std::chrono::microseconds took, Labels labels) {
    Series* found = series(Kind::time, metric, labels);
    if (found != nullptr && found->values.size() == series_values_max) {
        ++dropped_;
    } else if (found != nullptr) {
        found->values.push_back(took.count());
    }
}

void EmfMetrics::gauge(std::string_view metric, std::int64_t value, Labels labels) {
    if (Series* found = series(Kind::gauge, metric, labels)) {
        found->values.assign(1, value);
    }
}

EmfMetrics::Place EmfMetrics::place_of(Labels labels) const {
    Place place{common_, {}};
    std::set<std::string, std::less<>> names;
    for (const auto& [label, value] : labels) {
        std::string name = dimension_name(label, common_);
        const bool fits = common_.size() + names.size() < dimensions_max;
        if (!fits || looks_like_an_id(value) || !names.insert(name).second) {
            continue;
        }
        auto& members = dimension_labels_.contains(label) ? place.dimensions : place.properties;
        members.emplace_back(std::move(name), dimension_text(value, dimension_value_bytes_max));
    }
    // The same labels in another order are the same metric.
    std::sort(place.dimensions.begin() + static_cast<std::ptrdiff_t>(common_.size()),
              place.dimensions.end());
    std::ranges::sort(place.properties);
    return place;
}

EmfMetrics::Series* EmfMetrics::series(Kind kind, std::string_view metric, Labels labels) {
    Place place = place_of(labels);
    const auto group = series_.find(place);
    if (group != series_.end()) {
        if (const auto found = group->second.find(metric); found != group->second.end()) {
            dropped_ += found->second.kind == kind ? 0 : 1;
            return found->second.kind == kind ? &found->second : nullptr;
        }
    }
    if (series_count_ == metric_series_max) {
        ++dropped_;
        return nullptr;
    }
    ++series_count_;
    return &series_[std::move(place)].emplace(metric, Series{kind, {}}).first->second;
}

std::vector<std::string> EmfMetrics::take(Instant now) {
    std::vector<std::string> lines;
    for (const auto& [place, metrics] : std::exchange(series_, {})) {
        write_lines(place, metrics, now, lines);
    }
    series_count_ = 0;
    return lines;
}

std::string EmfMetrics::render(const Place& place, std::span<const Piece> pieces,
                               Instant now) const {
    JsonWriter out;
    out.begin_object().key("_aws").begin_object().member("Timestamp", now.unix_ms());
    out.key("CloudWatchMetrics").begin_array().begin_object();
    out.member("Namespace", namespace_);
    out.key("Dimensions").begin_array().begin_array();
    for (const auto& [name, value] : place.dimensions) {
        out.value(name);
    }
    out.end_array().end_array().key("Metrics").begin_array();
    for (const Piece& piece : pieces) {
        out.begin_object().member("Name", piece.name).member("Unit", piece.unit).end_object();
    }
    out.end_array().end_object().end_array().end_object();
    for (const Dimensions* members : {&place.dimensions, &place.properties}) {
        for (const auto& [name, value] : *members) {
            out.member(name, value);
        }
    }
    for (const Piece& piece : pieces) {
        out.raw_member(piece.name, piece.values);
    }
    return out.end_object().take();
}

void EmfMetrics::write_lines(const Place& place, const Metrics& metrics, Instant now,
                             std::vector<std::string>& lines) const {
    // A name may stand in a line once: the times that do not fit into one array go into the lines
    // of the next round.
    std::vector<Piece> pieces;
    for (std::size_t from = 0; from == 0 || !pieces.empty(); from += values_per_metric_max) {
        pieces.clear();
        for (const auto& [name, one] : metrics) {
            if (from >= one.values.size()) {
                continue;
            }
            const auto rest = std::span(one.values).subspan(from);
            const auto values = rest.first(std::min(rest.size(), values_per_metric_max));
            switch (one.kind) {
                case Kind::count: pieces.push_back({name, "Count", cat(values[0])}); break;
                case Kind::gauge: pieces.push_back({name, "None", cat(values[0])}); break;
                case Kind::time: pieces.push_back({name, "Seconds", times_as_json(values)}); break;
            }
        }
        for (std::size_t i = 0; i < pieces.size(); i += metrics_per_line_max) {
            const auto rest = std::span<const Piece>(pieces).subspan(i);
            lines.push_back(
                render(place, rest.first(std::min(rest.size(), metrics_per_line_max)), now));
        }
    }
}

}  // namespace souk::cloudwatch
