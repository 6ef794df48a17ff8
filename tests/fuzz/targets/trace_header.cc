#include <algorithm>
#include <string>

#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/telemetry_cloudwatch/trace_point.h"
#include "adapters/telemetry_prometheus/trace_parent.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

bool is_id(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of('0') != std::string_view::npos &&
           std::ranges::all_of(
               text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

FUZZ_TARGET(trace_header) {
    const auto parent = parse_trace_parent(input);
    if (parent) {
        HOLDS(is_id(parent->trace, 32) && is_id(parent->span, 16));
        const auto again = parse_trace_parent(render_trace_parent(*parent));
        HOLDS(again && again->trace == parent->trace && again->span == parent->span);
        HOLDS(again->sampling == parent->sampling);
        HOLDS(input.contains(parent->trace) && input.contains(parent->span));
    }
    const auto point = cloudwatch::parse_traceparent(input);
    if (point) {
        HOLDS(is_id(point->trace, 32) && is_id(point->span, 16));
        HOLDS(cloudwatch::parse_traceparent(cloudwatch::render_traceparent(*point)).has_value());
        // What one of the two telemetries takes, the other takes for the same.
        HOLDS(!parent || (parent->trace == point->trace && parent->span == point->span));
    }
    if (const auto segment = cloudwatch::parse_trace_header(input)) {
        HOLDS(is_id(segment->trace, 32));
        HOLDS(segment->span.empty() || is_id(segment->span, 16));
        // What SQS is given to carry along is the same place, unless there is no span to name.
        const auto carried = cloudwatch::parse_trace_header(
            sqs::trace_header(cloudwatch::render_traceparent(*segment)));
        HOLDS(carried.has_value() != segment->span.empty());
        HOLDS(!carried || (carried->trace == segment->trace && carried->span == segment->span));
        HOLDS(!carried || carried->sampling == segment->sampling);
    }
    const std::string header = sqs::trace_header(input);
    HOLDS(header.empty() || header.starts_with("Root=1-"));
    HOLDS(std::ranges::all_of(header, [](char c) { return c > ' ' && c < '\x7f'; }));
}

}  // namespace souk::fuzz
