#include "adapters/telemetry_prometheus/server_telemetry.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "adapters/telemetry_prometheus/process_metrics.h"
#include "adapters/telemetry_prometheus/trace_parent.h"
#include "domain/base/clipped_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

using Sampling = TraceParent::Sampling;

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::debug: return "debug";
        case LogLevel::notice: return "notice";
        case LogLevel::warning: return "warning";
        case LogLevel::error: break;
    }
    return "error";
}

std::string member_name(std::string_view label) {
    const bool taken = label == "time" || label == "level" || label == "message";
    return taken ? cat("label_", label) : readable(label);
}

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

class RecordingSpan : public Span {
public:
    RecordingSpan(SpanRecord record, SpanExporter& exporter)
        : record_(std::move(record)),
          exporter_(exporter),
          started_(std::chrono::steady_clock::now()) {}
    ~RecordingSpan() override {
        // The wall clock may jump; a span's length must not.
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - started_;
        record_.end_ns = record_.start_ns + took.count();
        exporter_.offer(std::move(record_));
    }
    void label(std::string_view name, std::string_view value) override {
        record_.labels.emplace_back(name, value);
    }
    void failed(std::string_view why) override { record_.failure = why.empty() ? "failed" : why; }
    std::string traceparent() const override {
        return render_trace_parent({record_.trace, record_.span, Sampling::sampled});
    }

private:
    SpanRecord record_;
    SpanExporter& exporter_;
    std::chrono::steady_clock::time_point started_;
};

bool is_header(const std::pair<std::string, std::string>& header) {
    const auto visible = [](char c) { return c > 0x20 && c < 0x7F && c != ':'; };
    const auto in_value = [](char c) { return c >= 0x20 && c != 0x7F; };
    return !header.first.empty() && std::ranges::all_of(header.first, visible) &&
           std::ranges::all_of(header.second, in_value);
}

}  // namespace

Result<std::unique_ptr<ServerTelemetry>> ServerTelemetry::make(ServerTelemetryOptions options,
                                                               const Clock& clock) {
    std::vector<FieldError> mistakes;
    std::optional<OtlpAddress> collector;
    if (!options.otlp_endpoint.empty()) {
        collector = parse_otlp_address(options.otlp_endpoint);
        if (!collector) {
            mistakes.push_back(
                {"/telemetry/otlp_endpoint", "bad_format", "Not an http or https URL."});
        }
    }
    if (!std::ranges::all_of(options.otlp_headers, is_header)) {
        mistakes.push_back({"/telemetry/otlp_headers", "bad_format", "A header is malformed."});
    }
    if (options.traces_sampled_per_mille < 0 || options.traces_sampled_per_mille > 1000) {
        mistakes.push_back(
            {"/telemetry/traces_sampled_per_mille", "too_large", "From 0 to 1000 traces of 1000."});
    }
    if (!mistakes.empty()) {
        return fail(Error{errors::telemetry_misconfigured, "The telemetry settings have mistakes.",
                          std::move(mistakes)});
    }
    return std::unique_ptr<ServerTelemetry>(
        new ServerTelemetry(std::move(options), std::move(collector), clock));
}

ServerTelemetry::ServerTelemetry(ServerTelemetryOptions options,
                                 std::optional<OtlpAddress> collector, const Clock& clock)
    : options_(std::move(options)), clock_(clock), started_(clock.now()) {
    if (collector) {
        SpanExporterOptions exporting;
        exporting.address = *std::move(collector);
        exporting.headers = options_.otlp_headers;
        exporting.origin = {options_.service, options_.version};
        exporting.interval = options_.otlp_interval;
        exporting.backoff = options_.otlp_backoff;
        exporter_ = std::make_unique<SpanExporter>(std::move(exporting), *this);
    }
}

ServerTelemetry::~ServerTelemetry() = default;

void ServerTelemetry::log(LogLevel level, std::string_view message, Labels labels) {
    if (level < options_.level) {
        return;
    }
    JsonWriter out;
    out.begin_object()
        .member("time", to_rfc3339(clock_.now()))
        .member("level", std::string(name_of(level)))
        .member("message", readable(message));
    for (const auto& [name, value] : labels) {
        out.member(member_name(name), readable(value));
    }
    out.end_object();
    const std::string line = out.take() + "\n";
    const std::scoped_lock lock(log_mutex_);  // A long line may take more than one write to a pipe.
    write_whole(options_.log_descriptor, line);
}

void ServerTelemetry::count(std::string_view metric, std::int64_t by, Labels labels) {
    metrics_.count(metric, by, labels);
}

void ServerTelemetry::time(std::string_view metric, std::chrono::microseconds took, Labels labels) {
    metrics_.time(metric, took, labels);
}

void ServerTelemetry::gauge(std::string_view metric, std::int64_t value, Labels labels) {
    metrics_.gauge(metric, value, labels);
}

std::unique_ptr<Span> ServerTelemetry::span(std::string_view name, std::string_view parent) {
    const auto caller = parse_trace_parent(parent);
    if (caller && (!exporter_ || caller->sampling == Sampling::unsampled)) {
        // A span that nobody will see must not become anyone's parent.
        return std::make_unique<CarryingSpan>(std::string(parent));
    }
    SpanRecord record;
    record.trace = caller ? caller->trace : fresh_trace();
    record.span = fresh_span();
    if (!exporter_ || (!caller && random_per_mille() >= options_.traces_sampled_per_mille)) {
        return std::make_unique<CarryingSpan>(
            render_trace_parent({record.trace, record.span, Sampling::unsampled}));
    }
    record.parent = caller ? caller->span : "";
    record.name = name;
    record.start_ns = clock_.now().unix_ms() * 1'000'000;
    return std::make_unique<RecordingSpan>(std::move(record), *exporter_);
}

void ServerTelemetry::describe(std::string_view metric, std::string_view help) {
    metrics_.describe(metric, help);
}

std::string ServerTelemetry::metrics_text() const {
    std::string own =
        cat("# HELP souk_metrics_dropped_total Records of metrics that could not be kept.\n"
            "# TYPE souk_metrics_dropped_total counter\nsouk_metrics_dropped_total ",
            metrics_.dropped(), "\n");
    if (exporter_) {
        own +=
            cat("# HELP souk_spans_exported_total Spans that the collector took.\n",
                "# TYPE souk_spans_exported_total counter\nsouk_spans_exported_total ",
                exporter_->exported(), "\n# HELP souk_spans_dropped_total Spans that were lost.\n",
                "# TYPE souk_spans_dropped_total counter\nsouk_spans_dropped_total ",
                exporter_->dropped(), "\n");
    }
    return cat(metrics_.text(), own, process_metrics_text(started_));
}

}  // namespace souk
