#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// A W3C traceparent, taken apart. Source: W3C Trace Context, section 3.2.
struct TraceParent {
    std::string trace;  // 32 hex digits in lower case, not all zero.
    std::string span;   // 16.
    enum class Sampling { sampled, unsampled };
    Sampling sampling = Sampling::unsampled;
};

/// Nothing if the text is not a valid traceparent.
[[nodiscard]] std::optional<TraceParent> parse_trace_parent(std::string_view text);
[[nodiscard]] std::string render_trace_parent(const TraceParent& parent);

/// Fresh ids: unpredictable enough to be unique, not a secret.
[[nodiscard]] std::string fresh_trace();
[[nodiscard]] std::string fresh_span();
/// Uniform in 0..999.
[[nodiscard]] int random_per_mille();

}  // namespace souk
