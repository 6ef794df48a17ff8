#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode collector_unreachable{"collector_unreachable", ErrorKind::unavailable};
}

/// Where spans go.
struct OtlpAddress {
    enum class Scheme { http, https };
    Scheme scheme = Scheme::http;
    std::string host;
    std::string port;
    std::string path;  // Ends in "/v1/traces".
};

/// Reads `http://collector:4318` (OTEL_EXPORTER_OTLP_ENDPOINT's form: `/v1/traces` is added) or the
/// whole address. Nothing if it is no http(s) URL. Source: OpenTelemetry, OTLP exporter
/// configuration.
[[nodiscard]] std::optional<OtlpAddress> parse_otlp_address(std::string_view url);

/// Posts JSON to a collector: one connection a batch, every wait bounded. For one thread at a time.
class OtlpClient {
public:
    OtlpClient(OtlpAddress address, std::vector<std::pair<std::string, std::string>> headers);
    ~OtlpClient();
    OtlpClient(const OtlpClient&) = delete;
    OtlpClient& operator=(const OtlpClient&) = delete;

    /// The collector's HTTP status. Errors: collector_unreachable.
    [[nodiscard]] Result<int> post(std::string_view json, std::chrono::milliseconds timeout);

private:
    struct Tls;

    [[nodiscard]] std::string request(std::string_view json) const;

    OtlpAddress address_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace souk
