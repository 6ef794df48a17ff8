#include "apps/souk/served_aws_home.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/ledger_dynamodb/outbox_reader.h"
#include "adapters/ledger_dynamodb/table_definitions.h"
#include "adapters/system_clock/system_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"
#include "apps/aws/aws_home.h"
#include "apps/aws/outbox_relay.h"
#include "apps/souk/data_files.h"
#include "apps/souk/log_level.h"
#include "apps/souk/metrics_page.h"

namespace souk::app {

/// In the order of their making: each stands on those above it, and goes before them.
struct ServedAwsHome::Parts {
    Config config;
    AwsSettings settings;
    SystemClock clock;
    std::unique_ptr<ServerTelemetry> telemetry;
    std::unique_ptr<AwsHome> home;
    std::unique_ptr<OutboxRelay> outbox_relay;
    std::unique_ptr<dynamo::LedgerStreamPositions> positions;
    std::jthread relay;
};

ServedAwsHome::ServedAwsHome(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ServedAwsHome::~ServedAwsHome() = default;

Result<std::unique_ptr<Home>> ServedAwsHome::open(const Config& config) {
    auto parts = std::make_unique<Parts>();
    parts->config = config;
    TRY(make_private_directory(config.data_directory));  // For spooled bodies and the operator.
    parts->settings = TRY(read_aws_settings(config.variables));
    parts->telemetry = TRY(ServerTelemetry::make(
        {.level = level_named(config.log_level), .otlp_endpoint = config.otlp_endpoint},
        parts->clock));
    ServerTelemetry& telemetry = *parts->telemetry;
    parts->home = TRY(
        AwsHome::open(parts->settings, config.variables, parts->clock, telemetry,
                      {.gateway = {.ordinary = {config.requests_per_second, config.request_burst},
                                   .sign_in = {config.sign_ins_per_second, config.sign_in_burst},
                                   .log_requests = config.log_requests},
                       .metrics = metrics_page(telemetry, config.public_metrics)}));
    return std::unique_ptr<Home>(new ServedAwsHome(std::move(parts)));
}

const Config& ServedAwsHome::config() const { return parts_->config; }
Ledger& ServedAwsHome::ledger() { return parts_->home->ledger(); }
MessageBus& ServedAwsHome::bus() { return parts_->home->bus(); }
SystemClock& ServedAwsHome::clock() { return parts_->clock; }
Telemetry& ServedAwsHome::telemetry() { return *parts_->telemetry; }
Services& ServedAwsHome::services() { return parts_->home->services(); }
void ServedAwsHome::observe(CommitObserver& observer) { parts_->home->ledger().observe(observer); }
void ServedAwsHome::forget(CommitObserver& observer) { parts_->home->ledger().forget(observer); }
std::vector<Services::Chore> ServedAwsHome::chores() { return parts_->home->services().chores(); }

void ServedAwsHome::start_work() {
    Parts& parts = *parts_;
    parts.outbox_relay =
        std::make_unique<OutboxRelay>(parts.home->client(), parts.settings, *parts.telemetry);
    parts.positions = std::make_unique<dynamo::LedgerStreamPositions>(parts.home->ledger());
    parts.relay = std::jthread([&parts](const std::stop_token& stop) {
        dynamo::OutboxReader reader(
            {.client = parts.home->client(),
             .positions = *parts.positions,
             .take = [&parts](const auto& records) { return parts.outbox_relay->take(records); },
             .table_prefix = parts.settings.table_prefix,
             .tables = {dynamo::ledger_tables.begin(), dynamo::ledger_tables.end()},
             .on_failure =
                 [&parts](const Error& why) {
                     parts.telemetry->count("souk_relay_failures_total", 1,
                                            {{"code", why.code.name}});
                     parts.telemetry->log(LogLevel::warning, "the outbox could not be relayed",
                                          {{"code", why.code.name}, {"detail", why.detail}});
                 }});
        reader.run(stop);
    });
}

Result<void> ServedAwsHome::rotate_keys() {
    return fail(errors::not_of_this_home, "On AWS, Cognito rotates the keys by itself.");
}

Result<void> ServedAwsHome::backup(const std::string&) {
    return fail(errors::not_of_this_home,
                "On AWS, DynamoDB's point-in-time recovery is the backup.");
}

}  // namespace souk::app
