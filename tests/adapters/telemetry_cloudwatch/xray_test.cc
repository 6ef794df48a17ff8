#include "adapters/telemetry_cloudwatch/telemetry_home.h"

namespace souk::cloudwatch {
namespace {

// The home's clock stands at 0x6955b900 s: a trace that X-Ray began, and one that it did not.
constexpr std::string_view sampled_header =
    "Root=1-6955b900-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr std::string_view unsampled_header =
    "Root=1-6955b900-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
constexpr std::string_view xray_parent = "00-6955b8ffbd862e3fe1be46a994272aaa-1111111111111111-01";
constexpr std::string_view foreign_parent =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(XraySpan, IsSentAsASubsegmentOfTheInvocation) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    std::string traceparent;
    {
        const auto span = telemetry->span("/v1/stores/tea", "");
        span->label("route", "show_store");
        span->label("cache-hit", "no");
        traceparent = span->traceparent();
        EXPECT_FALSE(home.daemon.datagram());
    }
    const auto document = home.daemon.segment();
    const JsonView segment = document.root();
    EXPECT_EQ(segment["name"].text_or(), "/v1/stores/tea");
    EXPECT_EQ(segment["type"].text_or(), "subsegment");
    EXPECT_EQ(segment["trace_id"].text_or(), "1-6955b900-bd862e3fe1be46a994272793");
    EXPECT_EQ(segment["parent_id"].text_or(), "53995c3f42cd8ad8");
    EXPECT_EQ(traceparent,
              cat("00-6955b900bd862e3fe1be46a994272793-", segment["id"].text_or(), "-01"));
    EXPECT_EQ(segment["annotations"].render(), R"({"route":"show_store","cache_hit":"no"})");
    EXPECT_TRUE(segment["start_time"].is_number());
    EXPECT_TRUE(segment["end_time"].is_number());
    EXPECT_FALSE(segment["fault"].present());
    EXPECT_FALSE(home.daemon.datagram());
}

TEST(XraySpan, HasItsFailureAsTheCause) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    telemetry->span("work", "")->failed("ledger_busy");
    const auto document = home.daemon.segment();
    EXPECT_EQ(document.root()["fault"].boolean(), true);
    const JsonView exception = document.root()["cause"]["exceptions"].at(0);
    EXPECT_EQ(exception["message"].text_or(), "ledger_busy");
    EXPECT_EQ(exception["id"].text_or().size(), 16U);
}

TEST(XraySpan, IsPartOfTheSpanThatItNamesAsItsParent) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    {
        const auto outer = telemetry->span("outer", "");
        const auto inner = telemetry->span("inner", outer->traceparent());
    }
    const auto inner = home.daemon.segment();
    const auto outer = home.daemon.segment();
    EXPECT_EQ(inner.root()["name"].text_or(), "inner");
    EXPECT_EQ(inner.root()["parent_id"].text_or(), outer.root()["id"].text_or());
    EXPECT_EQ(inner.root()["trace_id"].text_or(), outer.root()["trace_id"].text_or());
}

TEST(XraySpan, JoinsTheTraceOfAnEventThatXrayBegan) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    EXPECT_TRUE(telemetry->span("reaction", xray_parent)
                    ->traceparent()
                    .starts_with("00-6955b8ffbd862e3fe1be46a994272aaa-"));
    const auto document = home.daemon.segment();
    EXPECT_EQ(document.root()["trace_id"].text_or(), "1-6955b8ff-bd862e3fe1be46a994272aaa");
    EXPECT_EQ(document.root()["parent_id"].text_or(), "1111111111111111");
}

TEST(XraySpan, StaysInTheInvocationsTraceForAParentOfOthersAndCarriesTheirsOn) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    const std::string onward = telemetry->span("request", foreign_parent)->traceparent();
    const auto document = home.daemon.segment();
    EXPECT_EQ(document.root()["trace_id"].text_or(), "1-6955b900-bd862e3fe1be46a994272793");
    EXPECT_EQ(document.root()["annotations"]["w3c_trace_id"].text_or(),
              "0af7651916cd43dd8448eb211c80319c");
    EXPECT_EQ(onward,
              cat("00-0af7651916cd43dd8448eb211c80319c-", document.root()["id"].text_or(), "-01"));
}

TEST(XraySpan, IsNotSentWhenItsTraceIsNotSampled) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", unsampled_header);
    EXPECT_EQ(telemetry->span("x", "")->traceparent(),
              "00-6955b900bd862e3fe1be46a994272793-53995c3f42cd8ad8-00");
    EXPECT_EQ(telemetry->span("x", foreign_parent)->traceparent(), foreign_parent);
    const std::string parent = cat(xray_parent.substr(0, 53), "00");
    EXPECT_EQ(telemetry->span("x", parent)->traceparent(), parent);
    EXPECT_FALSE(home.daemon.datagram());
}

TEST(XraySpan, IsNotSentWithoutADaemon) {
    TelemetryHome home;
    // Port 0 is what the Runtime Interface Emulator says.
    for (const std::string_view address : {"", "0.0.0.0:0"}) {
        const auto telemetry = home.make({.xray_daemon_address = std::string(address)});
        telemetry->begin_invocation("a", sampled_header);
        EXPECT_EQ(telemetry->span("x", "")->traceparent(),
                  "00-6955b900bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
    }
    EXPECT_FALSE(home.daemon.datagram());
}

TEST(XraySpan, StartsATraceThatNobodySeesOutsideOfInvocations) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", sampled_header);
    telemetry->end_invocation();
    const std::string traceparent = telemetry->span("x", "")->traceparent();
    const auto point = parse_traceparent(traceparent);
    ASSERT_TRUE(point) << traceparent;
    EXPECT_NE(point->trace, "6955b900bd862e3fe1be46a994272793");
    EXPECT_EQ(point->sampling, TracePoint::Sampling::unsampled);
    EXPECT_FALSE(home.daemon.datagram());
}

TEST(XraySpan, StartsATraceWhereTheHeaderNamesNoParent) {
    TelemetryHome home;
    const auto telemetry = home.make_traced();
    telemetry->begin_invocation("a", "Root=1-6955b900-bd862e3fe1be46a994272793;Sampled=1");
    EXPECT_TRUE(parse_traceparent(telemetry->span("x", "")->traceparent()));
    EXPECT_FALSE(home.daemon.datagram());
}

Subsegment subsegment() {
    return {.trace = "6955b900bd862e3fe1be46a994272793",
            .parent = "53995c3f42cd8ad8",
            .id = "1111111111111111",
            .name = "work",
            .start_us = 1'767'225'600'000'000,
            .end_us = 1'767'225'600'012'345};
}

TEST(XrayDatagram, IsAHeaderLineAndADocument) {
    EXPECT_EQ(render_datagram(subsegment()),
              "{\"format\":\"json\",\"version\":1}\n"
              R"({"name":"work","id":"1111111111111111",)"
              R"("trace_id":"1-6955b900-bd862e3fe1be46a994272793",)"
              R"("parent_id":"53995c3f42cd8ad8","start_time":1767225600.000000,)"
              R"("end_time":1767225600.012345,"type":"subsegment"})");
}

TEST(XrayDatagram, HasANameThatXrayTakes) {
    const auto name_of = [](std::string_view name) {
        Subsegment one = subsegment();
        one.name = name;
        const std::string datagram = render_datagram(one);
        return JsonDocument::parse(datagram.substr(datagram.find('\n')))->root()["name"].text_or();
    };
    EXPECT_EQ(name_of("/v1/a%20b?c=\"d\""), "/v1/a%20b_c=_d_");
    EXPECT_EQ(name_of(""), "unnamed");
    const std::string longest(segment_name_characters_max, 'n');
    EXPECT_EQ(name_of(longest), longest);
    EXPECT_EQ(name_of(longest + 'n'), longest);
}

TEST(XrayDatagram, BoundsItsAnnotations) {
    Subsegment one = subsegment();
    for (std::size_t i = 0; i < annotations_max + 1; ++i) {
        one.labels.emplace_back(cat("label_", i), std::string(annotation_value_max + 1, 'v'));
    }
    const std::string datagram = render_datagram(one);
    EXPECT_LE(datagram.size(), segment_bytes_max);
    const auto document = JsonDocument::parse(datagram.substr(datagram.find('\n')));
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["annotations"].size(), annotations_max);
    EXPECT_EQ(document->root()["annotations"]["label_0"].text_or(),
              std::string(annotation_value_max, 'v'));
}

TEST(XrayDaemon, IsSentALargeSubsegmentWithoutItsAnnotations) {
    Daemon receiving;
    const XrayDaemon daemon(*parse_daemon_address(receiving.address()));
    Subsegment one = subsegment();
    for (std::size_t i = 0; i < annotations_max; ++i) {
        // Control characters grow sixfold in JSON.
        one.labels.emplace_back(cat("label_", i), std::string(annotation_value_max, '\x01'));
    }
    daemon.send(one);
    const auto document = receiving.segment();
    EXPECT_EQ(document.root()["name"].text_or(), "work");
    EXPECT_FALSE(document.root()["annotations"].present());
}

TEST(XrayDaemon, MayBeAbsentWithoutHarm) {
    std::string address;
    {
        const Daemon gone;
        address = gone.address();
    }
    const XrayDaemon daemon(*parse_daemon_address(address));
    daemon.send(subsegment());
    daemon.send(subsegment());
}

TEST(XrayDaemon, HasAnAddressWithAPort) {
    const auto parsed = [](std::string_view text) {
        const auto address = parse_daemon_address(text);
        return address ? cat(address->host, ' ', address->port) : std::string("none");
    };
    EXPECT_EQ(parsed("169.254.79.129:2000"), "169.254.79.129 2000");
    EXPECT_EQ(parsed("localhost:2000"), "127.0.0.1 2000");
    EXPECT_EQ(parsed("tcp:127.0.0.1:2000 udp:127.0.0.2:2001"), "127.0.0.2 2001");
    EXPECT_EQ(parsed("0.0.0.0:0"), "0.0.0.0 0");
    for (const std::string_view text :
         {"", "daemon:2000", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"}) {
        EXPECT_EQ(parsed(text), "none") << text;
    }
}

}  // namespace
}  // namespace souk::cloudwatch
