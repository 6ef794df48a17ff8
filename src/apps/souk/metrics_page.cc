#include "apps/souk/metrics_page.h"

#include "adapters/http_client/ip_address.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"

namespace souk::app {

namespace {

bool was_handed_on(const Request& request) {
    return !request.header("x-forwarded-for").empty() || !request.header("forwarded").empty();
}

bool is_near(const Request& request) {
    const std::string without_zone = request.peer.substr(0, request.peer.find('%'));
    const auto address = http_out::parse_ip(without_zone);
    return address && !http_out::is_public(*address) && !was_handed_on(request);
}

}  // namespace

std::function<Result<std::string>(const Request&)> metrics_page(const ServerTelemetry& telemetry,
                                                                bool to_everyone) {
    return [&telemetry, to_everyone](const Request& request) -> Result<std::string> {
        if (!to_everyone && !is_near(request)) {
            return fail(souk::errors::forbidden,
                        "Metrics are for who asks directly, from a private address; the setting "
                        "http.public_metrics shows them to all.");
        }
        return telemetry.metrics_text();
    };
}

}  // namespace souk::app
