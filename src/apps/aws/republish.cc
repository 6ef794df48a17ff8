#include "apps/aws/republish.h"

#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sns_publisher.h"
#include "adapters/ledger_dynamodb/outbox_rows.h"
#include "adapters/ledger_dynamodb/table_definitions.h"
#include "domain/base/id.h"
#include "domain/base/text.h"

namespace souk::app {

namespace {

/// Before every event's id of that moment and later ones.
std::string first_id(Instant since) {
    constexpr std::size_t random_bytes = 10;
    return EventId::make(since, std::string(random_bytes, '\0')).text();
}

}  // namespace

Result<Republished> republish(aws::AwsClient& client, const AwsSettings& settings, Instant since,
                              Telemetry& telemetry) {
    SnsPublisher publisher(client, settings.topic_arn);
    Republished all;
    for (const std::string_view table : dynamo::ledger_tables) {
        int published = 0;
        std::string refused;
        const auto refuse = [&](const OutboxRecord& record, const Error& why) -> Result<void> {
            ++all.refused;
            refused += cat("  ", record.id, " cannot be: ", why.code.name, ": ", why.detail, "\n");
            return {};
        };
        Relay relay(publisher, refuse, telemetry);
        const auto publish = [&](const std::vector<dynamo::OutboxRecord>& rows) -> Result<void> {
            std::vector<OutboxRecord> records;
            for (const auto& row : rows) {
                records.push_back({row.event_id, row.event});
            }
            const int refused_before = all.refused;
            Relayed relayed = relay.publish(records);
            published += static_cast<int>(relayed.settled) - (all.refused - refused_before);
            return relayed.failure ? Result<void>(fail(*std::move(relayed.failure)))
                                   : Result<void>();
        };
        TRY(dynamo::read_outbox(client, settings.table_prefix, table, first_id(since), publish));
        all.published += published;
        all.report += cat(table, ": ", published, " published\n", refused);
    }
    return all;
}

Result<Republished> republish(const Variables& variables, Instant since, Telemetry& telemetry) {
    const AwsSettings settings = TRY(read_aws_settings(variables));
    const auto client =
        TRY(aws::HttpAwsClient::make(TRY(aws::AwsOptions::from_environment(variables))));
    return republish(*client, settings, since, telemetry);
}

}  // namespace souk::app
