#include "adapters/telemetry_cloudwatch/trace_point.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk::cloudwatch {
namespace {

using Sampling = TracePoint::Sampling;

const Instant now = Instant::from_unix_ms(1'767'225'600'000);  // 0x6955b900 s.

constexpr std::string_view trace = "5759e988bd862e3fe1be46a994272793";
constexpr std::string_view header =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr std::string_view traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";

TEST(TraceHeader, NamesTraceSpanAndSampling) {
    const auto point = parse_trace_header(header);
    ASSERT_TRUE(point);
    EXPECT_EQ(point->trace, trace);
    EXPECT_EQ(point->span, "53995c3f42cd8ad8");
    EXPECT_EQ(point->sampling, Sampling::sampled);
    EXPECT_EQ(xray_trace_id(point->trace), "1-5759e988-bd862e3fe1be46a994272793");
}

TEST(TraceHeader, IsTheSameAsATraceparent) {
    EXPECT_EQ(render_traceparent(*parse_trace_header(header)), traceparent);
    const std::string unsampled = cat(traceparent.substr(0, 53), "00");
    EXPECT_EQ(
        render_traceparent(*parse_trace_header(cat(header.substr(0, header.size() - 1), '0'))),
        unsampled);
    EXPECT_EQ(render_traceparent(*parse_traceparent(unsampled)), unsampled);
}

TEST(TraceHeader, IsSampledOnlyWhereItSaysSo) {
    const auto sampling_of = [](std::string_view rest) {
        const auto point =
            parse_trace_header(cat("Root=1-5759e988-bd862e3fe1be46a994272793", rest));
        EXPECT_TRUE(point) << rest;
        return point ? point->sampling : Sampling::sampled;
    };
    EXPECT_EQ(sampling_of(";Sampled=1"), Sampling::sampled);
    EXPECT_EQ(sampling_of("; Sampled = 1"), Sampling::sampled);
    for (const std::string_view rest :
         {"", ";Sampled=0", ";Sampled=?", ";Sampled", ";Sampled=11"}) {
        EXPECT_EQ(sampling_of(rest), Sampling::unsampled) << rest;
    }
}

TEST(TraceHeader, MayHaveFurtherPartsAndAnyOrder) {
    const auto point = parse_trace_header(
        "Sampled=1;Lineage=1:5c5bf6ac:0;Self=1-0-0;Root=1-5759E988-BD862E3FE1BE46A994272793");
    ASSERT_TRUE(point);
    EXPECT_EQ(point->trace, trace);
    EXPECT_EQ(point->span, "");
    EXPECT_EQ(point->sampling, Sampling::sampled);
    EXPECT_EQ(render_traceparent(*point), "");
}

TEST(TraceHeader, NeedsARoot) {
    for (const std::string_view text :
         {"", "Parent=53995c3f42cd8ad8;Sampled=1", "Root=", "Root=1-5759e988",
          "Root=2-5759e988-bd862e3fe1be46a994272793", "Root=1-5759e988-bd862e3fe1be46a99427279",
          "Root=1-5759e988-bd862e3fe1be46a99427279g", "Root=1-00000000-000000000000000000000000",
          "Root=1-5759e98-8bd862e3fe1be46a994272793"}) {
        EXPECT_FALSE(parse_trace_header(text)) << text;
    }
}

TEST(TraceHeader, IgnoresAParentThatIsNone) {
    const auto point =
        parse_trace_header("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=nobody;Sampled=1");
    ASSERT_TRUE(point);
    EXPECT_EQ(point->span, "");
}

TEST(Traceparent, MustBeWellFormed) {
    EXPECT_TRUE(parse_traceparent(traceparent));
    EXPECT_TRUE(parse_traceparent(cat("01", traceparent.substr(2), "-more")));
    for (const std::string& text :
         std::vector<std::string>{"", cat(traceparent, "-more"), cat("ff", traceparent.substr(2)),
                                  std::string(traceparent.substr(0, 54)),
                                  "00-00000000000000000000000000000000-53995c3f42cd8ad8-01",
                                  "00-5759e988bd862e3fe1be46a994272793-0000000000000000-01",
                                  "00-5759E988BD862E3FE1BE46A994272793-53995c3f42cd8ad8-01",
                                  "00_5759e988bd862e3fe1be46a994272793_53995c3f42cd8ad8_01"}) {
        EXPECT_FALSE(parse_traceparent(text)) << text;
    }
}

TEST(TracePoint, IsOfXrayWhenItsIdBeginsWithARecentTime) {
    const auto begun = [](std::chrono::seconds before) {
        const auto seconds = (now - before).unix_seconds();
        std::string hex(8, '0');
        std::snprintf(hex.data(), hex.size() + 1, "%08llx", static_cast<long long>(seconds));
        return is_of_xray({.trace = cat(hex, trace.substr(8))}, now);
    };
    using std::chrono::hours;
    using std::chrono::minutes;
    using std::chrono::seconds;
    EXPECT_TRUE(begun(seconds(0)));
    EXPECT_TRUE(begun(hours(30 * 24)));
    EXPECT_FALSE(begun(hours(30 * 24) + seconds(1)));
    EXPECT_TRUE(begun(-minutes(5)));
    EXPECT_FALSE(begun(-minutes(5) - seconds(1)));
}

TEST(TracePoint, StartsFreshTracesAsXrayDoes) {
    const std::string fresh = fresh_trace(now);
    EXPECT_TRUE(fresh.starts_with("6955b900"));
    EXPECT_EQ(fresh.size(), 32U);
    EXPECT_TRUE(is_of_xray({.trace = fresh}, now));
    EXPECT_NE(fresh, fresh_trace(now));
    EXPECT_EQ(fresh_span().size(), 16U);
    EXPECT_NE(fresh_span(), fresh_span());
}

}  // namespace
}  // namespace souk::cloudwatch
