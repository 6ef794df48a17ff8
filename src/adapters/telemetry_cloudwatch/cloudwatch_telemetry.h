#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/telemetry_cloudwatch/emf_metrics.h"
#include "adapters/telemetry_cloudwatch/log_line.h"
#include "adapters/telemetry_cloudwatch/trace_point.h"
#include "adapters/telemetry_cloudwatch/xray_daemon.h"
#include "domain/ports/clock.h"
#include "domain/ports/telemetry.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode cloudwatch_misconfigured{"cloudwatch_misconfigured", ErrorKind::invalid};
}

/// As the environment has them; see AWS_LAMBDA_LOG_LEVEL, AWS_LAMBDA_LOG_FORMAT and
/// AWS_XRAY_DAEMON_ADDRESS. Empty: Lambda's defaults, and no traces.
struct CloudWatchOptions {
    std::string log_level = {};
    std::string log_format = {};
    std::string xray_daemon_address = {};
    std::string service = "souk";
    std::string stage = "dev";
    std::string metric_namespace = "Souk";
    int descriptor = 1;  // Of the log; stays the caller's.
};

/// Telemetry of a Lambda function, or of a container whose output CloudWatch Logs receives: log
/// lines and metrics (in the embedded format) on one descriptor, spans to the X-Ray daemon.
/// Metrics have the dimensions Service and Stage, and those of their labels that alarms and the
/// dashboard go by: `type` and `outcome`. Each set of dimensions costs 0.30 dollars a month; the
/// other labels (route, status, queue …) are in the lines, for Logs Insights.
class CloudWatchTelemetry : public Telemetry {
public:
    /// `clock` outlives it. Errors: cloudwatch_misconfigured, with all mistakes in `fields`.
    [[nodiscard]] static Result<std::unique_ptr<CloudWatchTelemetry>> make(
        const CloudWatchOptions& options, const Clock& clock);
    /// Flushes.
    ~CloudWatchTelemetry() override;
    CloudWatchTelemetry(const CloudWatchTelemetry&) = delete;
    CloudWatchTelemetry& operator=(const CloudWatchTelemetry&) = delete;

    /// From here on lines carry the request's id, and spans without a parent belong to the trace.
    /// Shape: `trace_header` as X-Amzn-Trace-Id, may be empty.
    void begin_invocation(std::string_view request_id, std::string_view trace_header);
    /// Flushes; the process may be frozen afterwards.
    void end_invocation();
    /// Writes the metrics since the last flush. For a container, every minute or so.
    void flush();

    /// One line, one write.
    void log(LogLevel level, std::string_view message, Labels labels = {}) override;
    void count(std::string_view metric, std::int64_t by = 1, Labels labels = {}) override;
    /// Name these metrics "…_seconds": that is their unit.
    void time(std::string_view metric, std::chrono::microseconds took, Labels labels = {}) override;
    void gauge(std::string_view metric, std::int64_t value, Labels labels = {}) override;
    /// A subsegment of the parent's trace, if X-Ray began that; else of the invocation's, with the
    /// parent's trace as the annotation `w3c_trace_id`. What is not sampled is not sent.
    [[nodiscard]] std::unique_ptr<Span> span(std::string_view name,
                                             std::string_view parent) override;

private:
    CloudWatchTelemetry(const CloudWatchOptions& options, cloudwatch::LogThreshold threshold,
                        cloudwatch::LogFormat format,
                        const std::optional<cloudwatch::DaemonAddress>& daemon, const Clock& clock);
    void write(std::string line);  // Requires the lock.

    const Clock& clock_;
    const int descriptor_;
    const cloudwatch::LogThreshold threshold_;
    const cloudwatch::LogFormat format_;
    std::unique_ptr<cloudwatch::XrayDaemon> daemon_;

    std::mutex mutex_;
    cloudwatch::LogContext context_;
    std::optional<cloudwatch::TracePoint> invocation_;
    cloudwatch::EmfMetrics metrics_;
    bool served_ = false;  // An invocation has ended.
};

}  // namespace souk
