#include "adapters/telemetry_cloudwatch/cloudwatch_telemetry.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "domain/base/text.h"

namespace souk {

namespace {

using cloudwatch::DaemonAddress;
using cloudwatch::LogContext;
using cloudwatch::Subsegment;
using cloudwatch::TracePoint;
using cloudwatch::XrayDaemon;

void write_whole(int descriptor, std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return;  // There is nowhere left to say so.
        }
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Carries a trace on without being part of it.
class CarryingSpan : public Span {
public:
    explicit CarryingSpan(std::string traceparent) : traceparent_(std::move(traceparent)) {}
    void label(std::string_view, std::string_view) override {}
    void failed(std::string_view) override {}
    std::string traceparent() const override { return traceparent_; }

private:
    std::string traceparent_;
};

class XraySpan : public Span {
public:
    /// `onward` is what this work's effects are part of.
    XraySpan(Subsegment subsegment, TracePoint onward, const XrayDaemon& daemon)
        : subsegment_(std::move(subsegment)),
          onward_(std::move(onward)),
          daemon_(daemon),
          started_(std::chrono::steady_clock::now()) {}
    ~XraySpan() override {
        // The wall clock may jump; a span's length must not.
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - started_);
        subsegment_.end_us = subsegment_.start_us + took.count();
        daemon_.send(subsegment_);
    }
    XraySpan(const XraySpan&) = delete;
    XraySpan& operator=(const XraySpan&) = delete;

    void label(std::string_view name, std::string_view value) override {
        subsegment_.labels.emplace_back(name, value);
    }
    void failed(std::string_view why) override {
        subsegment_.failure = why.empty() ? "failed" : why;
    }
    std::string traceparent() const override { return cloudwatch::render_traceparent(onward_); }

private:
    Subsegment subsegment_;
    TracePoint onward_;
    const XrayDaemon& daemon_;
    std::chrono::steady_clock::time_point started_;
};

/// What a subsegment must have.
bool is_sampled(const TracePoint& point) {
    return point.sampling == TracePoint::Sampling::sampled && !point.span.empty();
}

}  // namespace

Result<std::unique_ptr<CloudWatchTelemetry>> CloudWatchTelemetry::make(
    const CloudWatchOptions& options, const Clock& clock) {
    std::vector<FieldError> mistakes;
    const auto threshold = cloudwatch::log_threshold_named(options.log_level);
    if (!threshold) {
        mistakes.push_back(
            {"/telemetry/log_level", "bad_format", "TRACE, DEBUG, INFO, WARN, ERROR or FATAL."});
    }
    const auto format = cloudwatch::log_format_named(options.log_format);
    if (!format) {
        mistakes.push_back({"/telemetry/log_format", "bad_format", "JSON or Text."});
    }
    std::optional<DaemonAddress> daemon;
    if (!options.xray_daemon_address.empty()) {
        daemon = cloudwatch::parse_daemon_address(options.xray_daemon_address);
        if (!daemon) {
            mistakes.push_back(
                {"/telemetry/xray_daemon_address", "bad_format", "An IPv4 address with a port."});
        }
    }
    if (!mistakes.empty()) {
        return fail(Error{errors::cloudwatch_misconfigured, "The telemetry settings have mistakes.",
                          std::move(mistakes)});
    }
    return std::unique_ptr<CloudWatchTelemetry>(
        new CloudWatchTelemetry(options, *threshold, *format, daemon, clock));
}

CloudWatchTelemetry::CloudWatchTelemetry(const CloudWatchOptions& options,
                                         cloudwatch::LogThreshold threshold,
                                         cloudwatch::LogFormat format,
                                         const std::optional<DaemonAddress>& daemon,
                                         const Clock& clock)
    : clock_(clock),
      descriptor_(options.descriptor),
      threshold_(threshold),
      format_(format),
      context_{.service = options.service},
      metrics_(options.metric_namespace, {{"Service", options.service}, {"Stage", options.stage}},
               {"outcome", "type"}) {
    if (daemon && daemon->port != 0) {
        daemon_ = std::make_unique<XrayDaemon>(*daemon);
    }
}

CloudWatchTelemetry::~CloudWatchTelemetry() { flush(); }

void CloudWatchTelemetry::begin_invocation(std::string_view request_id,
                                           std::string_view trace_header) {
    const std::lock_guard lock(mutex_);
    invocation_ = cloudwatch::parse_trace_header(trace_header);
    context_.request_id = request_id;
    context_.xray_trace_id = invocation_ ? cloudwatch::xray_trace_id(invocation_->trace) : "";
    context_.start =
        std::exchange(served_, true) ? LogContext::Start::warm : LogContext::Start::cold;
}

void CloudWatchTelemetry::end_invocation() {
    flush();
    const std::lock_guard lock(mutex_);
    invocation_.reset();
    context_.request_id.clear();
    context_.xray_trace_id.clear();
}

void CloudWatchTelemetry::flush() {
    const std::lock_guard lock(mutex_);
    for (std::string& line : metrics_.take(clock_.now())) {
        write(std::move(line));
    }
    if (const auto dropped = metrics_.take_dropped(); dropped > 0) {
        const std::string count = cat(dropped);
        write(cloudwatch::render_log_line(format_, context_, clock_.now(), LogLevel::warning,
                                          "metrics were dropped", {{"records", count}}));
    }
}

void CloudWatchTelemetry::write(std::string line) {
    line.push_back('\n');
    write_whole(descriptor_, line);
}

void CloudWatchTelemetry::log(LogLevel level, std::string_view message, Labels labels) {
    if (!cloudwatch::passes(level, threshold_)) {
        return;
    }
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);  // A long line may take more than one write to a pipe.
    write(cloudwatch::render_log_line(format_, context_, now, level, message, labels));
}

void CloudWatchTelemetry::count(std::string_view metric, std::int64_t by, Labels labels) {
    const std::lock_guard lock(mutex_);
    metrics_.count(metric, by, labels);
}

void CloudWatchTelemetry::time(std::string_view metric, std::chrono::microseconds took,
                               Labels labels) {
    const std::lock_guard lock(mutex_);
    metrics_.time(metric, took, labels);
}

void CloudWatchTelemetry::gauge(std::string_view metric, std::int64_t value, Labels labels) {
    const std::lock_guard lock(mutex_);
    metrics_.gauge(metric, value, labels);
}

std::unique_ptr<Span> CloudWatchTelemetry::span(std::string_view name, std::string_view parent) {
    const Instant now = clock_.now();
    const auto caller = cloudwatch::parse_traceparent(parent);
    std::optional<TracePoint> within;
    {
        const std::lock_guard lock(mutex_);
        within = invocation_;
    }
    const bool joins = caller && (cloudwatch::is_of_xray(*caller, now) || !within);
    if (joins) {
        within = caller;
    }
    if (!within || !is_sampled(*within) || !daemon_) {
        // A span that nobody will see must not become anyone's parent.
        std::string carried = caller   ? std::string(parent)
                              : within ? cloudwatch::render_traceparent(*within)
                                       : std::string{};
        if (carried.empty()) {
            carried = cloudwatch::render_traceparent(
                {cloudwatch::fresh_trace(now), cloudwatch::fresh_span()});
        }
        return std::make_unique<CarryingSpan>(std::move(carried));
    }
    Subsegment subsegment{.trace = within->trace,
                          .parent = within->span,
                          .id = cloudwatch::fresh_span(),
                          .name = std::string(name),
                          .start_us = now.unix_ms() * 1000};
    TracePoint onward{within->trace, subsegment.id, TracePoint::Sampling::sampled};
    if (caller && !joins) {
        subsegment.labels.emplace_back("w3c_trace_id", caller->trace);
        onward = {caller->trace, subsegment.id, caller->sampling};
    }
    return std::make_unique<XraySpan>(std::move(subsegment), std::move(onward), *daemon_);
}

}  // namespace souk
