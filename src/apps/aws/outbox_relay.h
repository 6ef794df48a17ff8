#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sns_publisher.h"
#include "adapters/ledger_dynamodb/outbox_rows.h"
#include "apps/aws/aws_settings.h"

namespace souk::app {

/// The queue of what the relay of this name can never publish, without the stage's prefix:
/// "orders-relay" keeps it in "orders-relay-dead".
[[nodiscard]] std::string undeliverable_queue(std::string_view relay);
/// The relay of a table's events, as deploy/aws has it (`relays`): "orders-relay" for "payments".
[[nodiscard]] std::string relay_of(std::string_view table);

/// What an OutboxReader hands on, published as the function `platform.relay` does it: what can
/// never be published lies in the same queues, which `souk aws prepare` makes where no deployment
/// has. While such a queue cannot be reached, an event that belongs there holds up its shard.
class OutboxRelay {
public:
    /// `client` and `telemetry` outlive this.
    OutboxRelay(aws::AwsClient& client, const AwsSettings& settings, Telemetry& telemetry);

    /// Shape: records of one table.
    [[nodiscard]] dynamo::Taken take(const std::vector<dynamo::OutboxRecord>& records);

private:
    aws::AwsClient& client_;
    const std::string queue_url_prefix_;
    SnsPublisher publisher_;
    Telemetry& telemetry_;
};

}  // namespace souk::app
