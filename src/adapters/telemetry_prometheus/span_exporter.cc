#include "adapters/telemetry_prometheus/span_exporter.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

/// Source: OTLP/HTTP, "Retryable Response Codes".
bool is_worth_another_try(const Result<int>& status) {
    return !status || *status == 429 || *status == 502 || *status == 503 || *status == 504;
}

}  // namespace

SpanExporter::SpanExporter(SpanExporterOptions options, Telemetry& log)
    : options_(std::move(options)),
      log_(log),
      client_(options_.address, options_.headers),
      thread_([this] { run(); }) {}

SpanExporter::~SpanExporter() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        stop_by_ = std::chrono::steady_clock::now() + options_.timeout;
    }
    changed_.notify_all();
    thread_.join();
}

void SpanExporter::offer(SpanRecord span) {
    std::size_t queued = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (queue_.size() < spans_queued_max) {
            queue_.push_back(std::move(span));
            queued = queue_.size();
        }
    }
    if (queued == 0) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
    } else if (queued == 1 || queued == spans_per_batch_max) {
        changed_.notify_one();  // The thread waits for the first span, and then for a full batch.
    }
}

void SpanExporter::run() {
    for (;;) {
        const auto batch = next_batch();
        if (batch.empty()) {
            return;
        }
        send(batch);
    }
}

std::vector<SpanRecord> SpanExporter::next_batch() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    changed_.wait_for(lock, options_.interval,
                      [this] { return stopping_ || queue_.size() >= spans_per_batch_max; });
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), spans_per_batch_max));
    std::vector<SpanRecord> batch(std::make_move_iterator(queue_.begin()),
                                  std::make_move_iterator(queue_.begin() + count));
    queue_.erase(queue_.begin(), queue_.begin() + count);
    return batch;
}

void SpanExporter::send(const std::vector<SpanRecord>& batch) {
    const std::string body = render_otlp(options_.origin, batch);
    Result<int> status = 0;
    auto backoff = options_.backoff;
    for (int attempt = 0; attempt < span_export_tries; ++attempt) {
        auto timeout = options_.timeout;
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_) {
                const auto left = stop_by_ - std::chrono::steady_clock::now();
                timeout = std::max(std::chrono::milliseconds(1),
                                   std::chrono::duration_cast<std::chrono::milliseconds>(left));
            }
        }
        status = client_.post(body, timeout);
        if (!is_worth_another_try(status) || attempt + 1 == span_export_tries || !pause(backoff)) {
            break;
        }
        backoff *= 2;
    }
    const auto spans = static_cast<std::int64_t>(batch.size());
    if (status && *status / 100 == 2) {
        exported_.fetch_add(spans, std::memory_order_relaxed);
        return;
    }
    dropped_.fetch_add(spans, std::memory_order_relaxed);
    const std::string why =
        status ? cat("The collector answered ", *status, ".") : status.error().detail;
    log_.log(LogLevel::warning, "Spans were lost.", {{"count", cat(spans)}, {"reason", why}});
}

bool SpanExporter::pause(std::chrono::milliseconds length) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, length, [this] { return stopping_; });
}

}  // namespace souk
