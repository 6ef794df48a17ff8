#include "adapters/telemetry_prometheus/otlp_sink.h"
#include "adapters/telemetry_prometheus/telemetry_home.h"
#include "adapters/telemetry_prometheus/trace_parent.h"
#include "domain/base/json.h"

namespace souk {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class SpanExport : public testing::Test {
protected:
    std::unique_ptr<ServerTelemetry> telemetry_to(const std::string& endpoint) {
        options.service = "souk";
        options.version = "1.2.3";
        options.otlp_endpoint = endpoint;
        options.otlp_backoff = 1ms;
        return home.make(options);
    }
    static JsonDocument parsed(const OtlpSink::Received& request) {
        auto document = JsonDocument::parse(request.body);
        EXPECT_TRUE(document) << request.body;
        return document ? *std::move(document) : JsonDocument{};
    }
    static JsonView spans_of(const JsonDocument& document) {
        return document.root()["resourceSpans"].at(0)["scopeSpans"].at(0)["spans"];
    }
    std::string logged() const {
        std::string all;
        for (const auto& line : home.file.lines()) {
            all += line;
        }
        return all;
    }

    TelemetryHome home;
    ServerTelemetryOptions options;
};

TEST_F(SpanExport, SendsAFinishedSpanAsOtlpJson) {
    OtlpSink sink;
    options.otlp_interval = 10ms;
    options.otlp_headers = {{"Authorization", "Bearer token"}};
    const auto telemetry = telemetry_to(sink.endpoint());
    std::string carried;
    {
        const auto span = telemetry->span("place order", sampled);
        span->label("store", "store_1");
        span->failed("out of stock");
        carried = span->traceparent();
    }
    const auto request = sink.next();
    EXPECT_TRUE(request.head.starts_with("POST /v1/traces HTTP/1.1\r\n")) << request.head;
    EXPECT_NE(request.head.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(request.head.find("\r\nAuthorization: Bearer token"), std::string::npos);
    const auto document = parsed(request);
    const JsonView span = spans_of(document).at(0);
    EXPECT_EQ(span["traceId"].text_or(), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(span["parentSpanId"].text_or(), "00f067aa0ba902b7");
    EXPECT_EQ(carried,
              cat("00-4bf92f3577b34da6a3ce929d0e0e4736-", span["spanId"].text_or(), "-01"));
    EXPECT_EQ(span["name"].text_or(), "place order");
    EXPECT_EQ(span["kind"].integer_or(0), 1);
    EXPECT_EQ(span["startTimeUnixNano"].text_or(), "1767225600000000000");
    EXPECT_GE(span["endTimeUnixNano"].text_or(), "1767225600000000000");
    EXPECT_EQ(span["attributes"].render(),
              R"([{"key":"store","value":{"stringValue":"store_1"}}])");
    EXPECT_EQ(span["status"].render(), R"({"code":2,"message":"out of stock"})");
    EXPECT_EQ(document.root()["resourceSpans"].at(0)["resource"]["attributes"].render(),
              R"([{"key":"service.name","value":{"stringValue":"souk"}},)"
              R"({"key":"service.version","value":{"stringValue":"1.2.3"}}])");
}

TEST_F(SpanExport, StartsASampledTraceWithoutAParent) {
    OtlpSink sink;
    std::string carried;
    {
        const auto telemetry = telemetry_to(sink.endpoint());
        carried = telemetry->span("work", "")->traceparent();
    }
    const auto document = parsed(sink.next());
    const JsonView span = spans_of(document).at(0);
    EXPECT_EQ(carried, cat("00-", span["traceId"].text_or(), "-", span["spanId"].text_or(), "-01"));
    EXPECT_FALSE(span["parentSpanId"].present());
    EXPECT_EQ(span["status"].render(), "{}");
}

TEST_F(SpanExport, SendsWhatIsQueuedBeforeItEnds) {
    OtlpSink sink;
    options.otlp_interval = 1h;
    {
        const auto telemetry = telemetry_to(sink.endpoint());
        for (int i = 0; i < 10; ++i) {
            static_cast<void>(telemetry->span("work", ""));
        }
    }
    EXPECT_EQ(spans_of(parsed(sink.next())).size(), 10U);
}

TEST_F(SpanExport, SendsAFullBatchWithoutWaiting) {
    OtlpSink sink;
    options.otlp_interval = 1h;
    const auto telemetry = telemetry_to(sink.endpoint());
    for (std::size_t i = 0; i < spans_per_batch_max; ++i) {
        static_cast<void>(telemetry->span("work", ""));
    }
    EXPECT_EQ(spans_of(parsed(sink.next())).size(), spans_per_batch_max);
}

TEST_F(SpanExport, KeepsTheChoiceOfAnUnsampledParent) {
    const std::string unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    OtlpSink sink;
    const auto telemetry = telemetry_to(sink.endpoint());
    EXPECT_EQ(telemetry->span("work", unsampled)->traceparent(), unsampled);
}

TEST_F(SpanExport, StartsUnsampledTracesWhereNoneAreWanted) {
    OtlpSink sink;
    options.traces_sampled_per_mille = 0;
    const auto telemetry = telemetry_to(sink.endpoint());
    EXPECT_TRUE(telemetry->span("work", "")->traceparent().ends_with("-00"));
    EXPECT_TRUE(telemetry->span("work", sampled)->traceparent().ends_with("-01"));
}

TEST_F(SpanExport, TriesAgainWhenTheCollectorIsBusy) {
    OtlpSink sink({503, 0});
    options.otlp_interval = 1ms;
    const auto telemetry = telemetry_to(sink.endpoint());
    static_cast<void>(telemetry->span("work", ""));
    const auto first = sink.next();
    EXPECT_EQ(first.body, sink.next().body);
    EXPECT_EQ(first.body, sink.next().body);
}

TEST_F(SpanExport, CountsAndLogsWhatTheCollectorRefuses) {
    OtlpSink sink({400});
    options.otlp_interval = 1h;
    {
        const auto telemetry = telemetry_to(sink.endpoint());
        static_cast<void>(telemetry->span("work", ""));
    }
    EXPECT_NE(
        logged().find(
            R"("message":"Spans were lost.","count":"1","reason":"The collector answered 400.")"),
        std::string::npos)
        << logged();
}

TEST_F(SpanExport, DropsAndCountsWhatTheQueueCannotHold) {
    int port = 0;
    {
        const OtlpSink gone;
        port = static_cast<int>(*to_integer(gone.endpoint().substr(17)));
    }
    options.otlp_interval = 1h;
    options.otlp_backoff = 1h;  // The first batch stays in the thread's hands.
    const auto telemetry = telemetry_to(cat("http://127.0.0.1:", port));
    for (std::size_t i = 0; i < spans_queued_max + spans_per_batch_max + 100; ++i) {
        static_cast<void>(telemetry->span("work", ""));
    }
    const std::string text = telemetry->metrics_text();
    const auto at = text.find("\nsouk_spans_dropped_total ");
    ASSERT_NE(at, std::string::npos);
    const auto dropped = to_integer(text.substr(at + 26, text.find('\n', at + 26) - at - 26));
    EXPECT_GE(dropped.value_or(0), 100);
}

}  // namespace
}  // namespace souk
