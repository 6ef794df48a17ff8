#pragma once

#include <string_view>

#include "domain/ports/telemetry.h"

namespace souk::app {

/// As the setting log.level names it.
[[nodiscard]] inline LogLevel level_named(std::string_view name) {
    if (name == "debug") {
        return LogLevel::debug;
    }
    if (name == "warning") {
        return LogLevel::warning;
    }
    return name == "error" ? LogLevel::error : LogLevel::notice;
}

}  // namespace souk::app
