#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"

namespace souk::cloudwatch {

/// A place in a trace, which W3C and X-Ray spell differently.
struct TracePoint {
    std::string trace;  // 32 hex digits in lower case, not all zero.
    std::string span;   // 16; empty where X-Ray names no parent.
    enum class Sampling { sampled, unsampled };
    Sampling sampling = Sampling::unsampled;
};

/// Shape: `00-<32 hex>-<16 hex>-<flags>`. Nothing if malformed. Source: W3C Trace Context, 3.2.
[[nodiscard]] std::optional<TracePoint> parse_traceparent(std::string_view text);
/// Empty for a point without a span.
[[nodiscard]] std::string render_traceparent(const TracePoint& point);

/// Shape: `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0 or 1>` and further parts, which are
/// ignored. Only `Sampled=1` is sampled. Nothing without a valid Root. Source: X-Ray Developer
/// Guide, "Tracing header".
[[nodiscard]] std::optional<TracePoint> parse_trace_header(std::string_view text);

/// `1-<8 hex>-<24 hex>`, X-Ray's spelling of the trace's id.
[[nodiscard]] std::string xray_trace_id(std::string_view trace);

/// Whether X-Ray could have made the trace: its ids begin with the time. Traces that others began
/// with random ids do not pass. Units: a trace is accepted for 30 days. Source: X-Ray Developer
/// Guide, "Trace ID format".
[[nodiscard]] bool is_of_xray(const TracePoint& point, Instant now);

/// A fresh id: unpredictable enough to be unique, not a secret.
[[nodiscard]] std::string fresh_trace(Instant now);
[[nodiscard]] std::string fresh_span();

}  // namespace souk::cloudwatch
