#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/base/instant.h"
#include "domain/ports/telemetry.h"

namespace souk::cloudwatch {

/// What a line of the log must at least be to be written. Source: AWS_LAMBDA_LOG_LEVEL.
enum class LogThreshold { trace, debug, info, warn, error, fatal };
/// TRACE, DEBUG, INFO, WARN, ERROR or FATAL in any case; info when empty; nothing for all else.
[[nodiscard]] std::optional<LogThreshold> log_threshold_named(std::string_view name);

/// Source: AWS_LAMBDA_LOG_FORMAT. `text` is for people who read one stream of a function.
enum class LogFormat { json, text };
/// JSON or Text in any case; json when empty; nothing for all else.
[[nodiscard]] std::optional<LogFormat> log_format_named(std::string_view name);

/// Whether a line of the level passes. Nothing of ours is fatal.
[[nodiscard]] bool passes(LogLevel level, LogThreshold threshold);

/// Units: bytes, of the message and of each label; what is longer is cut, and labels beyond the
/// count are left out. All of them escaped stay below 1 MiB. Source: CloudWatch Logs quotas, the
/// size of a log event.
inline constexpr std::size_t log_value_bytes_max = 8 * 1024;
inline constexpr std::size_t log_labels_max = 16;

/// What all lines of an invocation have in common. Empty members are left out.
struct LogContext {
    std::string service;
    std::string request_id;
    std::string xray_trace_id;
    enum class Start { cold, warm };
    Start start = Start::cold;
};

/// One line without its end. Shape, in json:
/// `{"timestamp":…,"level":"INFO","message":…,"requestId":…,"xray_trace_id":…,"service":…,
/// "cold_start":…,<labels>}`; a label that has one of these names is called `label_…`.
[[nodiscard]] std::string render_log_line(LogFormat format, const LogContext& context, Instant time,
                                          LogLevel level, std::string_view message, Labels labels);

}  // namespace souk::cloudwatch
