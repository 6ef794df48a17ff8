#include "adapters/telemetry_cloudwatch/log_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "domain/base/clipped_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::cloudwatch {

namespace {

constexpr std::array<std::pair<std::string_view, LogThreshold>, 6> thresholds{{
    {"trace", LogThreshold::trace},
    {"debug", LogThreshold::debug},
    {"info", LogThreshold::info},
    {"warn", LogThreshold::warn},
    {"error", LogThreshold::error},
    {"fatal", LogThreshold::fatal},
}};

constexpr std::array<std::string_view, 7> taken{
    "timestamp", "level", "message", "requestId", "xray_trace_id", "service", "cold_start"};

constexpr std::size_t label_name_bytes_max = 256;

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "DEBUG";
        case LogLevel::notice: return "INFO";
        case LogLevel::warning: return "WARN";
        case LogLevel::error: break;
    }
    return "ERROR";
}

LogThreshold rank_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return LogThreshold::debug;
        case LogLevel::notice: return LogThreshold::info;
        case LogLevel::warning: return LogThreshold::warn;
        case LogLevel::error: break;
    }
    return LogThreshold::error;
}

std::string member_name(std::string_view label) {
    const bool clashes = std::ranges::find(taken, label) != taken.end();
    return cat(clashes ? "label_" : "", readable(clipped(label, label_name_bytes_max)));
}

void write_unless_empty(JsonWriter& out, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        out.member(name, value);
    }
}

std::string json_line(const LogContext& context, Instant time, LogLevel level,
                      std::string_view message, Labels labels) {
    JsonWriter out;
    out.begin_object()
        .member("timestamp", to_rfc3339(time))
        .member("level", name_of(level))
        .member("message", readable(clipped(message, log_value_bytes_max)));
    write_unless_empty(out, "requestId", context.request_id);
    write_unless_empty(out, "xray_trace_id", context.xray_trace_id);
    write_unless_empty(out, "service", context.service);
    out.member("cold_start", context.start == LogContext::Start::cold);
    std::size_t written = 0;
    for (const auto& [name, value] : labels) {
        if (written++ < log_labels_max) {
            out.member(member_name(name), readable(clipped(value, log_value_bytes_max)));
        }
    }
    return out.end_object().take();
}

/// As Lambda's own runtimes write it, with the labels behind.
std::string text_line(const LogContext& context, Instant time, LogLevel level,
                      std::string_view message, Labels labels) {
    std::string line =
        cat(to_rfc3339(time), '\t', context.request_id.empty() ? "-" : context.request_id.c_str(),
            '\t', name_of(level), '\t', readable(clipped(message, log_value_bytes_max)));
    std::size_t written = 0;
    for (const auto& [name, value] : labels) {
        if (written++ < log_labels_max) {
            line += cat('\t', readable(clipped(name, label_name_bytes_max)), '=',
                        readable(clipped(value, log_value_bytes_max)));
        }
    }
    std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

}  // namespace

std::optional<LogThreshold> log_threshold_named(std::string_view name) {
    if (name.empty()) {
        return LogThreshold::info;
    }
    for (const auto& [known, threshold] : thresholds) {
        if (ascii_equal_ignoring_case(name, known)) {
            return threshold;
        }
    }
    return std::nullopt;
}

std::optional<LogFormat> log_format_named(std::string_view name) {
    if (name.empty() || ascii_equal_ignoring_case(name, "json")) {
        return LogFormat::json;
    }
    return ascii_equal_ignoring_case(name, "text") ? std::optional(LogFormat::text) : std::nullopt;
}

bool passes(LogLevel level, LogThreshold threshold) { return rank_of(level) >= threshold; }

std::string render_log_line(LogFormat format, const LogContext& context, Instant time,
                            LogLevel level, std::string_view message, Labels labels) {
    switch (format) {
        case LogFormat::json: return json_line(context, time, level, message, labels);
        case LogFormat::text: break;
    }
    return text_line(context, time, level, message, labels);
}

}  // namespace souk::cloudwatch
