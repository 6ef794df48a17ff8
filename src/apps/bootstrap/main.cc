#include <nss.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "adapters/crypto_openssl/openssl_crypto.h"
#include "adapters/lambda_runtime/run_loop.h"
#include "adapters/lambda_runtime/runtime_api.h"
#include "adapters/lambda_runtime/shutdown_notice.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_cloudwatch/cloudwatch_telemetry.h"
#include "apps/aws/functions.h"
#include "domain/base/text.h"

namespace {

using souk::app::Variables;

/// The process's environment.
Variables variables() {
    Variables all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            all.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return all;
}

std::string value_of(const Variables& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
}

int stop(const souk::Error& error) {
    std::fprintf(stderr, "%s\n", error.detail.c_str());
    for (const auto& field : error.fields) {
        std::fprintf(stderr, "  %s: %s\n", field.pointer.c_str(), field.detail.c_str());
    }
    return 1;
}

/// Before Lambda ends the process. What is under way has run out of its time, as whoever waits for
/// it knows; only its metrics are still here.
[[noreturn]] void leave(souk::CloudWatchTelemetry& to) {
    to.flush();
    std::_Exit(EXIT_SUCCESS);
}

}  // namespace

int main() {
    // A static glibc would load its name service modules from the machine, which has others or
    // none.
    __nss_configure_lookup("hosts", "files dns");
    souk::OpensslCrypto::ignore_machine_configuration();
    const Variables all = variables();
    const std::string handler = value_of(all, "_HANDLER");
    souk::SystemClock clock;
    const auto telemetry = souk::CloudWatchTelemetry::make(
        {.log_level = value_of(all, "AWS_LAMBDA_LOG_LEVEL"),
         .log_format = value_of(all, "AWS_LAMBDA_LOG_FORMAT"),
         .xray_daemon_address = value_of(all, "AWS_XRAY_DAEMON_ADDRESS"),
         .service = handler.substr(0, handler.find('.')),
         .stage = value_of(all, "SOUK_STAGE")},
        clock);
    if (!telemetry) {
        return stop(telemetry.error());
    }
    const auto address =
        souk::lambda::parse_runtime_address(value_of(all, "AWS_LAMBDA_RUNTIME_API"));
    if (!address) {
        return stop(address.error());
    }
    souk::CloudWatchTelemetry& to = **telemetry;
    const auto notice = souk::lambda::ShutdownNotice::make(*address, "souk", [&to] { leave(to); });
    if (!notice) {
        // Emulators know no extensions. The function only loses metrics of what is cut off.
        to.log(souk::LogLevel::warning, "no notice before a shutdown",
               {{"code", notice.error().code.name}, {"why", notice.error().detail}});
    }
    souk::lambda::RuntimeApi api(*address);
    const souk::lambda::LoopContext context{
        .clock = clock,
        .telemetry = to,
        .begin = [&to](const auto& call) { to.begin_invocation(call.id, call.trace); },
        .end = [&to](const auto&) { to.end_invocation(); }};
    return souk::lambda::run_function(
        api, context, [&] { return souk::app::make_function(handler, all, clock, to); });
}
