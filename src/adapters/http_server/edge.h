#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/http_server/http_server.h"
#include "adapters/http_server/parked_requests.h"
#include "adapters/http_server/spool_room.h"
#include "adapters/http_server/trusted_proxies.h"
#include "adapters/http_server/worker_pool.h"
#include "domain/ports/clock.h"
#include "domain/ports/http.h"
#include "domain/ports/telemetry.h"

namespace souk::http_edge {

/// What all loops and connections of one server share. Thread-safe once the server has started.
struct Edge {
    Edge(Clock& the_clock, Telemetry& the_telemetry, HttpServerOptions the_options)
        : options(std::move(the_options)),
          clock(the_clock),
          telemetry(the_telemetry),
          spool_room(std::make_shared<SpoolRoom>(options.limits)),
          workers(options.workers_max, options.queue_max),
          parked(workers, telemetry) {}

    /// The application's answer; an exception, which it should not have thrown, becomes a 500.
    [[nodiscard]] Response handle(Request request) {
        try {
            return application->handle(std::move(request));
        } catch (const std::exception& thrown) {
            telemetry.log(LogLevel::error, "a request handler threw", {{"what", thrown.what()}});
        }
        return application->refuse(500, "The request failed for a reason within the server.",
                                   nullptr);
    }

    /// The application's judgement of a head. One that threw is a 500 as well.
    [[nodiscard]] std::optional<Response> judge(const Request& head) {
        try {
            return application->judge(head);
        } catch (const std::exception& thrown) {
            telemetry.log(LogLevel::error, "judging a request threw", {{"what", thrown.what()}});
        }
        return application->refuse(500, "The request failed for a reason within the server.",
                                   nullptr);
    }

    /// What a request gets that the server does not take: of 503, also when to come back.
    [[nodiscard]] Response refuse(int status, std::string_view detail, const Request* head) const {
        Response response = application->refuse(status, detail, head);
        const auto said = std::ranges::find(response.headers, "Retry-After", &Parameter::first);
        if (status == 503 && said == response.headers.end()) {
            response.headers.emplace_back("Retry-After", "1");
        }
        return response;
    }

    HttpServerOptions options;
    Clock& clock;
    Telemetry& telemetry;
    HttpApplication* application = nullptr;
    TrustedProxies trusted_proxies;
    std::atomic<std::size_t> connections{0};
    std::atomic<std::uint64_t> kept_bytes{0};  // What connections make the server keep for them.
    const std::shared_ptr<SpoolRoom> spool_room;
    WorkerPool workers;
    ParkedRequests parked;
};

}  // namespace souk::http_edge
