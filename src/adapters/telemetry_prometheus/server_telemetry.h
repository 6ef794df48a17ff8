#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/telemetry_prometheus/metric_registry.h"
#include "adapters/telemetry_prometheus/span_exporter.h"
#include "domain/ports/clock.h"
#include "domain/ports/telemetry.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode telemetry_misconfigured{"telemetry_misconfigured", ErrorKind::invalid};
}

struct ServerTelemetryOptions {
    LogLevel level = LogLevel::notice;  // What is below is not written.
    int log_descriptor = 2;             // Stays the caller's.
    std::string service = "souk";
    std::string version = {};
    std::string
        otlp_endpoint;  // "http://collector:4318"; empty: spans only carry their traceparent.
    std::vector<std::pair<std::string, std::string>> otlp_headers = {};
    int traces_sampled_per_mille = 1000;  // Of those that start here; a parent's choice is kept.
    std::chrono::milliseconds otlp_interval{2'000};
    std::chrono::milliseconds otlp_backoff{1'000};
};

/// Logs as lines of JSON, metrics for Prometheus, spans by OTLP/HTTP.
class ServerTelemetry : public Telemetry {
public:
    /// `clock` outlives it. Errors: telemetry_misconfigured, with all mistakes in `fields`.
    static Result<std::unique_ptr<ServerTelemetry>> make(ServerTelemetryOptions options,
                                                         const Clock& clock);
    /// Sends the spans that are still queued.
    ~ServerTelemetry() override;

    /// One line, one write: `{"time":…,"level":…,"message":…,<labels>}`.
    void log(LogLevel level, std::string_view message, Labels labels = {}) override;
    void count(std::string_view metric, std::int64_t by = 1, Labels labels = {}) override;
    /// Name these metrics "…_seconds": that is how they are shown.
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels = {}) override;
    void gauge(std::string_view metric, std::int64_t value, Labels labels = {}) override;
    [[nodiscard]] std::unique_ptr<Span> span(std::string_view name,
                                             std::string_view parent) override;

    /// What `# HELP` says of a metric.
    void describe(std::string_view metric, std::string_view help);
    /// What `GET /metrics` answers, the process's own metrics included.
    /// Shape: Prometheus' text format 0.0.4.
    [[nodiscard]] std::string metrics_text() const;

private:
    ServerTelemetry(ServerTelemetryOptions options, std::optional<OtlpAddress> collector,
                    const Clock& clock);

    ServerTelemetryOptions options_;
    const Clock& clock_;
    Instant started_;
    MetricRegistry metrics_;
    std::mutex log_mutex_;
    std::unique_ptr<SpanExporter> exporter_;  // Last: its thread logs.
};

}  // namespace souk
