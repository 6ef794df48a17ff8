#include "adapters/telemetry_prometheus/trace_parent.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/telemetry_prometheus/telemetry_home.h"

namespace souk {
namespace {

constexpr std::string_view sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr std::string_view unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

TEST(TraceParent, IsReadAndWritten) {
    for (const auto text : {sampled, unsampled}) {
        const auto parent = parse_trace_parent(text);
        ASSERT_TRUE(parent);
        EXPECT_EQ(parent->trace, "4bf92f3577b34da6a3ce929d0e0e4736");
        EXPECT_EQ(parent->span, "00f067aa0ba902b7");
        EXPECT_EQ(render_trace_parent(*parent), text);
    }
}

TEST(TraceParent, MayBeOfALaterVersion) {
    EXPECT_TRUE(parse_trace_parent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
    EXPECT_TRUE(parse_trace_parent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03"));
}

TEST(TraceParent, IsNothingWhenMalformed) {
    for (const auto text : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more"}) {
        EXPECT_FALSE(parse_trace_parent(text)) << text;
    }
}

TEST(Span, StartsATraceWithoutAParent) {
    TelemetryHome home;
    const auto telemetry = home.make();
    std::set<std::string> traces;
    for (const auto parent : {"", "nonsense", "00-0-0-01"}) {
        const auto span = telemetry->span("work", parent);
        span->label("name", "value");
        span->failed("why");
        const auto carried = parse_trace_parent(span->traceparent());
        ASSERT_TRUE(carried) << span->traceparent();
        // Nobody collects it, so nobody downstream should think it is sampled.
        EXPECT_EQ(carried->sampling, TraceParent::Sampling::unsampled);
        traces.insert(carried->trace);
    }
    EXPECT_EQ(traces.size(), 3U);
}

TEST(Span, CarriesItsParentOnWhereNobodyCollects) {
    TelemetryHome home;
    EXPECT_EQ(home.make()->span("work", sampled)->traceparent(), sampled);
}

}  // namespace
}  // namespace souk
