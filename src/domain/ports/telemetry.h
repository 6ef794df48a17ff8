#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace souk {

enum class LogLevel { debug, notice, warning, error };

/// A named value of a log line, metric label or span. Never a secret, a token, a password or mail
/// text.
using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

/// A timed piece of work; ends when destroyed.
class Span {
public:
    virtual ~Span() = default;
    virtual void label(std::string_view name, std::string_view value) = 0;
    virtual void failed(std::string_view why) = 0;
    /// For what this work causes elsewhere.
    /// Source: W3C Trace Context, `00-<32 hex>-<16 hex>-<flags>`.
    [[nodiscard]] virtual std::string traceparent() const = 0;
};

/// Logs, metrics and traces. Safe from any thread; never fails, never blocks for long.
/// Metric names are `souk_…` with the unit last; label values come from small fixed sets, never
/// from ids (cost grows with each distinct set of labels).
class Telemetry {
public:
    virtual ~Telemetry() = default;
    virtual void log(LogLevel level, std::string_view message, Labels labels = {}) = 0;
    virtual void count(std::string_view metric, std::int64_t by = 1, Labels labels = {}) = 0;
    virtual void time(std::string_view metric, std::chrono::microseconds took,
                      Labels labels = {}) = 0;
    /// The last value set is the one shown.
    virtual void gauge(std::string_view metric, std::int64_t value, Labels labels = {}) = 0;
    /// Never null. Shape: `parent` may be empty, then a new trace starts.
    [[nodiscard]] virtual std::unique_ptr<Span> span(std::string_view name,
                                                     std::string_view parent) = 0;
};

}  // namespace souk
