#include "adapters/telemetry_cloudwatch/trace_point.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <random>

#include "domain/base/text.h"

namespace souk::cloudwatch {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t traceparent_length = 55;
constexpr std::size_t epoch_digits = 8;
constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;
constexpr std::chrono::hours trace_age_max{30 * 24};
constexpr std::chrono::minutes clock_skew_max{5};

using Sampling = TracePoint::Sampling;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return digits.find(c) != std::string_view::npos; });
}

bool is_id(std::string_view text, std::size_t length) {
    return text.size() == length && is_hex(text) &&
           text.find_first_not_of('0') != std::string_view::npos;
}

std::uint64_t random_bits() {
    thread_local std::mt19937_64 engine = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    return engine();
}

std::string hex_of(std::uint64_t bits, std::size_t length) {
    std::string out(length, '0');
    for (auto place = out.rbegin(); place != out.rend(); ++place, bits >>= 4U) {
        *place = digits[bits & 15U];
    }
    return out;
}

/// "1-5759e988-bd862e3fe1be46a994272793" -> the 32 digits.
std::optional<std::string> trace_of_root(std::string_view root) {
    if (root.size() != 35 || !root.starts_with("1-") || root[10] != '-') {
        return std::nullopt;
    }
    std::string trace = ascii_lower(cat(root.substr(2, epoch_digits), root.substr(11)));
    return is_id(trace, trace_digits) ? std::optional(std::move(trace)) : std::nullopt;
}

}  // namespace

std::optional<TracePoint> parse_traceparent(std::string_view text) {
    // Later versions may append to the four fields, 00 may not.
    if (text.size() < traceparent_length || text[2] != '-' || text[35] != '-' || text[52] != '-' ||
        (text.size() > traceparent_length && (text.starts_with("00") || text[55] != '-'))) {
        return std::nullopt;
    }
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace = text.substr(3, trace_digits);
    const std::string_view span = text.substr(36, span_digits);
    const std::string_view flags = text.substr(53, 2);
    if (!is_hex(version) || version == "ff" || !is_id(trace, trace_digits) ||
        !is_id(span, span_digits) || !is_hex(flags)) {
        return std::nullopt;
    }
    const bool sampled = digits.find(flags[1]) % 2 == 1;
    return TracePoint{std::string(trace), std::string(span),
                      sampled ? Sampling::sampled : Sampling::unsampled};
}

std::string render_traceparent(const TracePoint& point) {
    if (point.span.empty()) {
        return {};
    }
    return cat("00-", point.trace, '-', point.span,
               point.sampling == Sampling::sampled ? "-01" : "-00");
}

std::optional<TracePoint> parse_trace_header(std::string_view text) {
    std::optional<std::string> trace;
    TracePoint point;
    for (const std::string_view part : split(text, ';')) {
        const auto equals = part.find('=');
        const std::string_view name = trimmed(part.substr(0, equals));
        const std::string_view value = equals == std::string_view::npos
                                           ? std::string_view{}
                                           : trimmed(part.substr(equals + 1));
        if (name == "Root") {
            trace = trace_of_root(value);
        } else if (name == "Parent") {
            const std::string span = ascii_lower(value);
            point.span = is_id(span, span_digits) ? span : std::string{};
        } else if (name == "Sampled") {
            point.sampling = value == "1" ? Sampling::sampled : Sampling::unsampled;
        }
    }
    if (!trace) {
        return std::nullopt;
    }
    point.trace = *std::move(trace);
    return point;
}

std::string xray_trace_id(std::string_view trace) {
    return cat("1-", trace.substr(0, epoch_digits), '-', trace.substr(epoch_digits));
}

bool is_of_xray(const TracePoint& point, Instant now) {
    std::int64_t seconds = 0;
    const char* const first = point.trace.data();
    std::from_chars(first, first + epoch_digits, seconds, 16);
    const Instant began = Instant::from_unix_ms(seconds * 1000);
    return began >= now - trace_age_max && began <= now + clock_skew_max;
}

std::string fresh_trace(Instant now) {
    return hex_of(static_cast<std::uint64_t>(now.unix_seconds()), epoch_digits) +
           hex_of(random_bits(), epoch_digits) + fresh_span();
}

std::string fresh_span() { return hex_of(std::max<std::uint64_t>(random_bits(), 1), span_digits); }

}  // namespace souk::cloudwatch
