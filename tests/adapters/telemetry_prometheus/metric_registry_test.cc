#include "adapters/telemetry_prometheus/metric_registry.h"

#include <thread>

#include "adapters/telemetry_prometheus/telemetry_home.h"

namespace souk {
namespace {

using namespace std::chrono_literals;

/// The value of a sample, or "none".
std::string sample_of(const std::string& text, std::string_view series) {
    for (const auto line : split(text, '\n')) {
        if (line.starts_with(cat(series, " "))) {
            return std::string(line.substr(series.size() + 1));
        }
    }
    return "none";
}

TEST(MetricRegistry, ShowsACounterWithHelpAndType) {
    MetricRegistry metrics;
    metrics.count("souk_orders_total", 2, {{"outcome", "confirmed"}});
    metrics.count("souk_orders_total", 1, {{"outcome", "cancelled"}});
    metrics.count("souk_orders_total", 3, {{"outcome", "confirmed"}});
    EXPECT_EQ(metrics.text(),
              "# HELP souk_orders_total souk orders total\n"
              "# TYPE souk_orders_total counter\n"
              "souk_orders_total{outcome=\"cancelled\"} 1\n"
              "souk_orders_total{outcome=\"confirmed\"} 5\n");
}

TEST(MetricRegistry, ShowsTheHelpThatItWasGiven) {
    MetricRegistry metrics;
    metrics.describe("souk_orders_total", "Orders,\nby \\outcome.");
    metrics.count("souk_orders_total", 1, {});
    EXPECT_EQ(metrics.text(),
              "# HELP souk_orders_total Orders,\\nby \\\\outcome.\n"
              "# TYPE souk_orders_total counter\nsouk_orders_total 1\n");
}

TEST(MetricRegistry, ShowsTheLastValueOfAGauge) {
    MetricRegistry metrics;
    metrics.gauge("souk_queue_messages", 7, {{"queue", "products-orders"}});
    metrics.gauge("souk_queue_messages", -2, {{"queue", "products-orders"}});
    EXPECT_EQ(sample_of(metrics.text(), R"(souk_queue_messages{queue="products-orders"})"), "-2");
    EXPECT_NE(metrics.text().find("# TYPE souk_queue_messages gauge\n"), std::string::npos);
}

TEST(MetricRegistry, CountsTimesIntoCumulativeBuckets) {
    MetricRegistry metrics;
    for (const auto took : {400us, 500us, 501us, 30'000us, 60'000'000us, -5us}) {
        metrics.time("souk_commit_seconds", took, {{"table", "orders"}});
    }
    const std::string text = metrics.text();
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_bucket{table="orders",le="0.0005"})"), "3");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_bucket{table="orders",le="0.001"})"), "4");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_bucket{table="orders",le="0.05"})"), "5");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_bucket{table="orders",le="10"})"), "5");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_bucket{table="orders",le="+Inf"})"), "6");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_sum{table="orders"})"), "60.031401");
    EXPECT_EQ(sample_of(text, R"(souk_commit_seconds_count{table="orders"})"), "6");
    EXPECT_NE(text.find("# TYPE souk_commit_seconds histogram\n"), std::string::npos);
}

TEST(MetricRegistry, TakesLabelsInAnyOrderAsOneSet) {
    MetricRegistry metrics;
    metrics.count("souk_requests_total", 1, {{"b", "2"}, {"a", "1"}});
    metrics.count("souk_requests_total", 1, {{"a", "1"}, {"b", "2"}});
    metrics.count("souk_requests_total", 1, {{"a", "2"}, {"b", "1"}});
    EXPECT_EQ(sample_of(metrics.text(), R"(souk_requests_total{a="1",b="2"})"), "2");
    EXPECT_EQ(sample_of(metrics.text(), R"(souk_requests_total{a="2",b="1"})"), "1");
}

TEST(MetricRegistry, EscapesLabelValues) {
    MetricRegistry metrics;
    metrics.count("souk_odd_total", 1, {{"value", "a\"b\\c\nd\xE9"}});
    metrics.count("souk_odd_names_total", 1, {{"le", "x"}, {"1-a", "y"}});
    EXPECT_EQ(sample_of(metrics.text(), R"(souk_odd_total{value="a\"b\\c\nd?"})"), "1");
    EXPECT_EQ(sample_of(metrics.text(), R"(souk_odd_names_total{label_1_a="y",label_le="x"})"),
              "1");
}

TEST(MetricRegistry, BoundsTheLabelSetsOfAMetric) {
    MetricRegistry metrics;
    for (std::size_t i = 0; i < label_sets_per_metric_max + 50; ++i) {
        metrics.count("souk_many_total", 1, {{"id", cat(i)}});
    }
    metrics.count("souk_many_total", 1, {{"id", "0"}});
    const std::string text = metrics.text();
    EXPECT_EQ(sample_of(text, R"(souk_many_total{overflow="true"})"), "50");
    EXPECT_EQ(sample_of(text, R"(souk_many_total{id="0"})"), "2");
    EXPECT_EQ(split(text, '\n').size(), label_sets_per_metric_max + 1 + 3);
    EXPECT_EQ(metrics.dropped(), 0);
}

TEST(MetricRegistry, BoundsAllLabelSetsTogether) {
    MetricRegistry metrics;
    for (std::size_t i = 0; i < label_sets_max; ++i) {
        metrics.count(cat("souk_", i / 150, "_total"), 1, {{"id", cat(i)}});
    }
    EXPECT_EQ(metrics.text().find("overflow"), std::string::npos);
    metrics.count("souk_0_total", 1, {{"id", "one more"}});
    metrics.count("souk_new_total", 1, {{"id", "one more"}});
    metrics.count("souk_0_total", 1, {{"id", "0"}});
    const std::string text = metrics.text();
    EXPECT_EQ(sample_of(text, R"(souk_0_total{overflow="true"})"), "1");
    EXPECT_EQ(sample_of(text, R"(souk_new_total{overflow="true"})"), "1");
    EXPECT_EQ(sample_of(text, R"(souk_0_total{id="0"})"), "2");
    EXPECT_EQ(text.find("one more"), std::string::npos);
    EXPECT_EQ(metrics.dropped(), 0);
}

TEST(MetricRegistry, BoundsTheMetrics) {
    MetricRegistry metrics;
    for (std::size_t i = 0; i < metrics_max + 5; ++i) {
        metrics.count(cat("souk_", i, "_total"), 1, {});
    }
    EXPECT_EQ(metrics.dropped(), 5);
    EXPECT_EQ(sample_of(metrics.text(), "souk_0_total"), "1");
}

TEST(MetricRegistry, DropsANameOfAnotherKindAndAMalformedOne) {
    MetricRegistry metrics;
    metrics.count("souk_orders_total", 1, {});
    metrics.gauge("souk_orders_total", 9, {});
    metrics.time("souk_orders_total", 1ms, {});
    metrics.count("souk orders", 1, {});
    metrics.count("", 1, {});
    metrics.count("9lives", 1, {});
    EXPECT_EQ(metrics.dropped(), 5);
    EXPECT_EQ(metrics.text(),
              "# HELP souk_orders_total souk orders total\n# TYPE souk_orders_total counter\n"
              "souk_orders_total 1\n");
}

TEST(MetricRegistry, LosesNoCountOfManyThreads) {
    MetricRegistry metrics;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 6; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) {
                    metrics.count("souk_requests_total", 1, {{"status", cat(i % 10)}});
                    metrics.time("souk_request_seconds", 1ms, {});
                }
            });
        }
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                EXPECT_EQ(metrics.dropped(), 0);
                static_cast<void>(metrics.text());
            }
        });
    }
    for (int status = 0; status < 10; ++status) {
        EXPECT_EQ(sample_of(metrics.text(), cat("souk_requests_total{status=\"", status, "\"}")),
                  "1200");
    }
    EXPECT_EQ(sample_of(metrics.text(), "souk_request_seconds_count"), "12000");
    EXPECT_EQ(sample_of(metrics.text(), "souk_request_seconds_sum"), "12.000000");
}

TEST(ServerTelemetry, ShowsItsMetricsAndTheProcesss) {
    TelemetryHome home;
    const auto telemetry = home.make();
    telemetry->describe("souk_orders_total", "Orders.");
    telemetry->count("souk_orders_total");
    telemetry->time("souk_commit_seconds", 3ms);
    telemetry->gauge("souk_queue_messages", 4);
    const std::string text = telemetry->metrics_text();
    EXPECT_NE(text.find("# HELP souk_orders_total Orders.\n"), std::string::npos);
    EXPECT_EQ(sample_of(text, "souk_orders_total"), "1");
    EXPECT_EQ(sample_of(text, "souk_commit_seconds_count"), "1");
    EXPECT_EQ(sample_of(text, "souk_queue_messages"), "4");
    EXPECT_EQ(sample_of(text, "souk_metrics_dropped_total"), "0");
    EXPECT_EQ(sample_of(text, "process_start_time_seconds"), "1767225600.000");
    EXPECT_NE(sample_of(text, "process_resident_memory_bytes"), "none");
    EXPECT_NE(sample_of(text, "process_cpu_seconds_total"), "none");
    EXPECT_NE(sample_of(text, "process_open_fds"), "none");
    EXPECT_TRUE(text.ends_with('\n'));
}

}  // namespace
}  // namespace souk
