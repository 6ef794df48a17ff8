#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/telemetry_prometheus/otlp_client.h"
#include "domain/ports/telemetry.h"

namespace souk {

/// A span that has ended.
struct SpanRecord {
    std::string trace;
    std::string span;
    std::string parent;  // Empty for the first of a trace.
    std::string name;
    std::int64_t start_ns = 0;  // Since 1970.
    std::int64_t end_ns = 0;
    std::vector<std::pair<std::string, std::string>> labels;
    std::string failure;  // Empty: it went well.
};

/// What spans come from.
struct SpanOrigin {
    std::string service;
    std::string version;
};

/// OTLP's JSON encoding of ExportTraceServiceRequest. Source: OTLP 1.x, opentelemetry-proto.
[[nodiscard]] std::string render_otlp(const SpanOrigin& origin,
                                      const std::vector<SpanRecord>& spans);

struct SpanExporterOptions {
    OtlpAddress address;
    std::vector<std::pair<std::string, std::string>> headers;
    SpanOrigin origin;
    std::chrono::milliseconds interval{2'000};  // How long a span waits for company.
    std::chrono::milliseconds timeout{10'000};  // Of one request.
    std::chrono::milliseconds backoff{1'000};   // Before the second try; doubled for the third.
};

/// Units: spans. Beyond `queued` new ones are dropped and counted.
inline constexpr std::size_t spans_queued_max = 4096;
inline constexpr std::size_t spans_per_batch_max = 512;
inline constexpr int span_export_tries = 3;

/// Sends spans to a collector in batches, from a thread of its own, which sleeps while there are
/// none.
class SpanExporter {
public:
    /// `log` is told of batches that were lost; it outlives this.
    SpanExporter(SpanExporterOptions options, Telemetry& log);
    /// Sends what is queued, in one try a batch, within one timeout.
    ~SpanExporter();
    SpanExporter(const SpanExporter&) = delete;
    SpanExporter& operator=(const SpanExporter&) = delete;

    /// Never waits.
    void offer(SpanRecord span);
    [[nodiscard]] std::int64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t exported() const {
        return exported_.load(std::memory_order_relaxed);
    }

private:
    void run();
    [[nodiscard]] std::vector<SpanRecord> next_batch();
    void send(const std::vector<SpanRecord>& batch);
    /// Whether the pause was a full one, that is, nobody wants to stop.
    [[nodiscard]] bool pause(std::chrono::milliseconds length);

    SpanExporterOptions options_;
    Telemetry& log_;
    OtlpClient client_;
    std::atomic<std::int64_t> dropped_{0};
    std::atomic<std::int64_t> exported_{0};

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<SpanRecord> queue_;
    bool stopping_ = false;
    std::chrono::steady_clock::time_point stop_by_;
    std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace souk
