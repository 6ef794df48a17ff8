#include "adapters/telemetry_cloudwatch/emf_metrics.h"

#include <map>

#include "adapters/telemetry_cloudwatch/telemetry_home.h"

namespace souk::cloudwatch {
namespace {

using std::chrono::microseconds;

const Instant now = Instant::from_unix_ms(1'767'225'600'000);

struct Emf : testing::Test {
    EmfMetrics metrics{"Souk",
                       {{"Service", "orders"}, {"Stage", "prod"}},
                       {"provider", "route", "status", "store", "label", "a:b", "odd"}};

    std::vector<JsonDocument> taken() {
        std::vector<JsonDocument> out;
        for (const auto& line : metrics.take(now)) {
            EXPECT_EQ(line.find('\n'), std::string::npos);
            auto document = JsonDocument::parse(line);
            EXPECT_TRUE(document) << line;
            out.push_back(document ? *std::move(document) : JsonDocument{});
        }
        return out;
    }
};

JsonView directive(const JsonDocument& line) {
    return line.root()["_aws"]["CloudWatchMetrics"].at(0);
}

std::vector<std::string> dimension_names(const JsonDocument& line) {
    std::vector<std::string> names;
    const JsonView set = directive(line)["Dimensions"].at(0);
    for (std::size_t i = 0; i < set.size(); ++i) {
        names.push_back(set.at(i).text_or());
    }
    return names;
}

TEST_F(Emf, IsOneObjectALine) {
    metrics.count("souk_orders_total", 1, {{"provider", "manual"}});
    EXPECT_EQ(metrics.take(now),
              std::vector<std::string>{
                  R"({"_aws":{"Timestamp":1767225600000,"CloudWatchMetrics":[)"
                  R"({"Namespace":"Souk","Dimensions":[["Service","Stage","provider"]],)"
                  R"("Metrics":[{"Name":"souk_orders_total","Unit":"Count"}]}]},)"
                  R"("Service":"orders","Stage":"prod","provider":"manual",)"
                  R"("souk_orders_total":1})"});
}

TEST_F(Emf, AddsCountsUpKeepsTimesAndTheLastGauge) {
    metrics.count("souk_mails_total", 2, {});
    metrics.count("souk_mails_total", 3, {});
    metrics.time("souk_wait_seconds", microseconds(12'345), {});
    metrics.time("souk_wait_seconds", microseconds(2'000'000), {});
    metrics.time("souk_wait_seconds", microseconds(0), {});
    metrics.gauge("souk_queue_depth", 7, {});
    metrics.gauge("souk_queue_depth", 4, {});
    const auto lines = taken();
    ASSERT_EQ(lines.size(), 1U);
    const JsonView line = lines[0].root();
    EXPECT_EQ(line["souk_mails_total"].integer(), 5);
    EXPECT_EQ(line["souk_wait_seconds"].render(), "[1.2345E-2,2E0,0E0]");
    EXPECT_EQ(line["souk_queue_depth"].integer(), 4);
    EXPECT_EQ(directive(lines[0])["Metrics"].render(),
              R"([{"Name":"souk_mails_total","Unit":"Count"},)"
              R"({"Name":"souk_queue_depth","Unit":"None"},)"
              R"({"Name":"souk_wait_seconds","Unit":"Seconds"}])");
}

TEST_F(Emf, StartsAnewAfterEachFlush) {
    metrics.count("souk_mails_total", 2, {});
    EXPECT_EQ(taken().size(), 1U);
    EXPECT_EQ(taken().size(), 0U);
    metrics.count("souk_mails_total", 1, {});
    EXPECT_EQ(taken().at(0).root()["souk_mails_total"].integer(), 1);
}

TEST_F(Emf, GivesEachSetOfLabelsALine) {
    metrics.count("souk_requests_total", 1, {{"route", "a"}, {"status", "200"}});
    metrics.count("souk_requests_total", 1, {{"status", "200"}, {"route", "a"}});
    metrics.count("souk_requests_total", 1, {{"route", "b"}, {"status", "200"}});
    metrics.count("souk_other_total", 1, {{"route", "a"}, {"status", "200"}});
    const auto lines = taken();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].root()["souk_requests_total"].integer(), 2);
    EXPECT_EQ(lines[0].root()["souk_other_total"].integer(), 1);
    EXPECT_EQ(lines[1].root()["route"].text_or(), "b");
}

TEST_F(Emf, HoldsAHundredMetricsALine) {
    for (std::size_t i = 0; i < metrics_per_line_max + 1; ++i) {
        metrics.count(cat("souk_metric_", zero_padded(i, 4)), 1, {});
    }
    const auto lines = taken();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(directive(lines[0])["Metrics"].size(), metrics_per_line_max);
    EXPECT_EQ(directive(lines[1])["Metrics"].size(), 1U);
    EXPECT_TRUE(lines[1].root()["souk_metric_0100"].present());
}

TEST_F(Emf, HoldsAHundredValuesAMetric) {
    for (std::size_t i = 0; i < 2 * values_per_metric_max + 1; ++i) {
        metrics.time("souk_wait_seconds", microseconds(i), {});
    }
    metrics.count("souk_mails_total", 1, {});
    const auto lines = taken();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].root()["souk_wait_seconds"].size(), values_per_metric_max);
    EXPECT_EQ(lines[1].root()["souk_wait_seconds"].size(), values_per_metric_max);
    EXPECT_EQ(lines[2].root()["souk_wait_seconds"].render(), "2E-4");
    EXPECT_TRUE(lines[0].root()["souk_mails_total"].present());
    EXPECT_FALSE(lines[1].root()["souk_mails_total"].present());
}

TEST_F(Emf, TellsMetricsApartByTheLabelsOfDimensionsAlone) {
    EmfMetrics few{"Souk", {{"Service", "orders"}, {"Stage", "prod"}}, {"type"}};
    few.count("souk_requests_total", 1, {{"route", "a"}, {"type", "x"}});
    few.count("souk_requests_total", 2, {{"route", "b"}, {"type", "x"}});
    std::vector<JsonDocument> lines;
    for (const auto& line : few.take(now)) {
        lines.push_back(*JsonDocument::parse(line));
    }
    ASSERT_EQ(lines.size(), 2U);
    for (const auto& line : lines) {
        EXPECT_EQ(dimension_names(line), (std::vector<std::string>{"Service", "Stage", "type"}));
    }
    EXPECT_EQ(lines[0].root()["route"].text_or(), "a");
    EXPECT_EQ(lines[1].root()["route"].text_or(), "b");
    EXPECT_EQ(lines[1].root()["souk_requests_total"].integer(), 2);
}

TEST_F(Emf, HoldsThirtyDimensions) {
    DimensionLabels all;
    for (std::uint64_t i = 1; i < dimensions_max; ++i) {
        all.insert(cat('l', zero_padded(i, 2)));
    }
    metrics = EmfMetrics("Souk", {{"Service", "orders"}, {"Stage", "prod"}}, all);
    metrics.count(
        "souk_x_total", 1,
        {{"l01", "v"}, {"l02", "v"}, {"l03", "v"}, {"l04", "v"}, {"l05", "v"}, {"l06", "v"},
         {"l07", "v"}, {"l08", "v"}, {"l09", "v"}, {"l10", "v"}, {"l11", "v"}, {"l12", "v"},
         {"l13", "v"}, {"l14", "v"}, {"l15", "v"}, {"l16", "v"}, {"l17", "v"}, {"l18", "v"},
         {"l19", "v"}, {"l20", "v"}, {"l21", "v"}, {"l22", "v"}, {"l23", "v"}, {"l24", "v"},
         {"l25", "v"}, {"l26", "v"}, {"l27", "v"}, {"l28", "v"}, {"l29", "v"}});
    const auto lines = taken();
    EXPECT_EQ(dimension_names(lines.at(0)).size(), dimensions_max);
    EXPECT_TRUE(lines.at(0).root()["l28"].present());
    EXPECT_FALSE(lines.at(0).root()["l29"].present());
}

TEST_F(Emf, NeverMakesADimensionOfAnId) {
    metrics.count("souk_x_total", 1,
                  {{"store", "store_01J9ZK3V5W8Q2R4T6Y8B0C2D4E"}, {"route", "place_order"}});
    metrics.count("souk_x_total", 1,
                  {{"store", "store_01J9ZK3V5W8Q2R4T6Y8B0C2D4F"}, {"route", "place_order"}});
    const auto lines = taken();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(dimension_names(lines[0]), (std::vector<std::string>{"Service", "Stage", "route"}));
    EXPECT_FALSE(lines[0].root()["store"].present());
    EXPECT_EQ(lines[0].root()["souk_x_total"].integer(), 2);
}

TEST_F(Emf, KnowsIdsByTheirLook) {
    for (const std::string_view id :
         {"order_01J9ZK3V5W8Q2R4T6Y8B0C2D4E", "01J9ZK3V5W8Q2R4T6Y8B0C2D4E",
          "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "1234567890123456", "bd862e3fe1be46a994272793",
          "ann@example.com"}) {
        EXPECT_TRUE(looks_like_an_id(id)) << id;
    }
    for (const std::string_view name :
         {"", "200", "place_order", "products-orders", "souk.order.placed.v1", "2026-01-01",
          "eu-west-1", "temporarily_unavailable", "deadbeefdeadbeef", "manual_timeout"}) {
        EXPECT_FALSE(looks_like_an_id(name)) << name;
    }
}

TEST_F(Emf, MakesDimensionsThatCloudWatchTakes) {
    const std::string long_value(dimension_value_bytes_max + 1, 'v');
    metrics.count("souk_x_total", 1,
                  {{"empty", ""},
                   {"blank", " "},
                   {"odd", "caf\u00e9\n"},
                   {"long", long_value},
                   {"Service", "mine"},
                   {"_aws", "mine"},
                   {"a:b", "c"}});
    const auto lines = taken();
    const JsonView line = lines.at(0).root();
    EXPECT_EQ(line["empty"].text_or(), "-");
    EXPECT_EQ(line["blank"].text_or(), "-");
    EXPECT_EQ(line["odd"].text_or(), "caf???");
    EXPECT_EQ(line["long"].text_or(), long_value.substr(1));
    EXPECT_EQ(line["Service"].text_or(), "orders");
    EXPECT_EQ(line["label_Service"].text_or(), "mine");
    EXPECT_EQ(line["label__aws"].text_or(), "mine");
    EXPECT_EQ(line["a_b"].text_or(), "c");
}

TEST_F(Emf, BoundsTheSeriesBetweenTwoFlushes) {
    for (std::size_t i = 0; i < metric_series_max; ++i) {
        metrics.count("souk_x_total", 1, {{"label", cat("value-", i)}});
    }
    metrics.count("souk_x_total", 1, {{"label", "value-0"}});
    EXPECT_EQ(metrics.take_dropped(), 0);
    metrics.count("souk_x_total", 1, {{"label", "one-more"}});
    EXPECT_EQ(metrics.take_dropped(), 1);
    EXPECT_EQ(taken().size(), metric_series_max);
}

TEST_F(Emf, BoundsTheValuesOfASeries) {
    for (std::size_t i = 0; i < series_values_max; ++i) {
        metrics.time("souk_wait_seconds", microseconds(1), {});
    }
    EXPECT_EQ(metrics.take_dropped(), 0);
    metrics.time("souk_wait_seconds", microseconds(1), {});
    EXPECT_EQ(metrics.take_dropped(), 1);
    EXPECT_EQ(taken().size(), series_values_max / values_per_metric_max);
}

TEST_F(Emf, DropsAMetricOfTwoKinds) {
    metrics.count("souk_x_total", 1, {});
    metrics.gauge("souk_x_total", 9, {});
    EXPECT_EQ(metrics.take_dropped(), 1);
    EXPECT_EQ(taken().at(0).root()["souk_x_total"].integer(), 1);
}

TEST(CloudWatchMetrics, AreWrittenAtTheEndOfAnInvocation) {
    TelemetryHome home;
    const auto telemetry = home.make({.service = "orders", .stage = "prod"});
    telemetry->begin_invocation("a", "");
    telemetry->count("souk_orders_total");
    telemetry->time("souk_wait_seconds", microseconds(1500));
    telemetry->gauge("souk_depth", 3);
    EXPECT_EQ(home.file.text(), "");
    telemetry->end_invocation();
    const auto lines = home.file.documents();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].root()["Service"].text_or(), "orders");
    EXPECT_EQ(lines[0].root()["Stage"].text_or(), "prod");
    EXPECT_EQ(lines[0].root()["souk_orders_total"].integer(), 1);
    EXPECT_EQ(directive(lines[0])["Metrics"].size(), 3U);
    telemetry->end_invocation();
    EXPECT_EQ(home.file.lines().size(), 1U);
}

/// deploy/aws/platform counts on the first; the second would be a series for each route and status.
TEST(CloudWatchMetrics, HaveTheDimensionsThatAlarmsAndTheDashboardGoBy) {
    TelemetryHome home;
    const auto telemetry = home.make({.service = "platform", .stage = "prod"});
    telemetry->count("souk_events_total", 1, {{"type", "souk.order.placed.v1"}});
    telemetry->count("souk_http_requests_total", 1, {{"route", "place_order"}, {"status", "201"}});
    telemetry->count("souk_reactions_total", 1, {{"queue", "carts-orders"}, {"outcome", "done"}});
    telemetry->flush();
    std::map<std::string, std::vector<std::string>> dimensions;
    for (const auto& line : home.file.documents()) {
        dimensions[directive(line)["Metrics"].at(0)["Name"].text_or()] = dimension_names(line);
    }
    using Names = std::vector<std::string>;
    EXPECT_EQ(dimensions["souk_events_total"], (Names{"Service", "Stage", "type"}));
    EXPECT_EQ(dimensions["souk_http_requests_total"], (Names{"Service", "Stage"}));
    EXPECT_EQ(dimensions["souk_reactions_total"], (Names{"Service", "Stage", "outcome"}));
}

TEST(CloudWatchMetrics, AreWrittenWhateverTheLogLevel) {
    TelemetryHome home;
    const auto telemetry = home.make({.log_level = "FATAL"});
    telemetry->count("souk_orders_total");
    telemetry->flush();
    EXPECT_EQ(home.file.lines().size(), 1U);
}

TEST(CloudWatchMetrics, AreFlushedWhenTheTelemetryDies) {
    TelemetryHome home;
    home.make()->count("souk_orders_total");
    EXPECT_EQ(home.file.lines().size(), 1U);
}

TEST(CloudWatchMetrics, TellWhenSomeWereDropped) {
    TelemetryHome home;
    const auto telemetry = home.make();
    telemetry->count("souk_x_total");
    telemetry->gauge("souk_x_total", 1);
    telemetry->flush();
    const auto lines = home.file.documents();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1].root()["message"].text_or(), "metrics were dropped");
    EXPECT_EQ(lines[1].root()["records"].text_or(), "1");
}

}  // namespace
}  // namespace souk::cloudwatch
