#include "adapters/memory/silent_telemetry.h"

#include "domain/base/text.h"

namespace souk {

namespace {

std::map<std::string, std::string> copied(Labels labels) {
    std::map<std::string, std::string> out;
    for (const auto& [name, value] : labels) {
        out.emplace(name, value);
    }
    return out;
}

/// Carries the parent's trace on, or starts a trace named by its number.
class SilentSpan final : public Span {
public:
    SilentSpan(std::string_view parent, std::size_t number)
        : traceparent_(parent.empty() ? cat("00-", zero_padded(number, 32), "-",
                                            zero_padded(number, 16), "-01")
                                      : std::string(parent)) {}
    void label(std::string_view, std::string_view) override {}
    void failed(std::string_view) override {}
    [[nodiscard]] std::string traceparent() const override { return traceparent_; }

private:
    std::string traceparent_;
};

}  // namespace

void SilentTelemetry::log(LogLevel level, std::string_view message, Labels labels) {
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, std::string(message), copied(labels)});
}

void SilentTelemetry::count(std::string_view metric, std::int64_t by, Labels labels) {
    const std::lock_guard lock(mutex_);
    auto copy = copied(labels);
    for (Count& known : counts_) {
        if (known.metric == metric && known.labels == copy) {
            known.by += by;
            return;
        }
    }
    counts_.push_back({std::string(metric), std::move(copy), by});
}

void SilentTelemetry::time(std::string_view, std::chrono::microseconds, Labels) {}

void SilentTelemetry::gauge(std::string_view, std::int64_t, Labels) {}

std::unique_ptr<Span> SilentTelemetry::span(std::string_view name, std::string_view parent) {
    const std::lock_guard lock(mutex_);
    spans_.emplace_back(name);
    return std::make_unique<SilentSpan>(parent, spans_.size());
}

std::int64_t SilentTelemetry::counted(std::string_view metric) const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const Count& count : counts_) {
        sum += count.metric == metric ? count.by : 0;
    }
    return sum;
}

std::int64_t SilentTelemetry::counted(std::string_view metric, std::string_view name,
                                      std::string_view value) const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const Count& count : counts_) {
        const auto label = count.labels.find(std::string(name));
        if (count.metric == metric && label != count.labels.end() && label->second == value) {
            sum += count.by;
        }
    }
    return sum;
}

std::vector<SilentTelemetry::Line> SilentTelemetry::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

std::vector<std::string> SilentTelemetry::spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
}

}  // namespace souk
