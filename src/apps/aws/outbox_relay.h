#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sns_publisher.h"
#include "adapters/ledger_dynamodb/outbox_reader.h"
#include "apps/aws/aws_settings.h"

namespace souk::app {

/// What the relay of a process that stays is called: it is one for all tables.
inline constexpr std::string_view served_relay = "relay";

/// The queue of what the relay of this name can never publish, without the stage's prefix.
[[nodiscard]] std::string undeliverable_queue(std::string_view relay);

/// What an OutboxReader hands on, published as the function `platform.relay` does it: what can
/// never be published lies in the queue `relay-dead`, which `souk aws prepare` makes. While that
/// cannot be reached, an event that belongs there holds up its shard.
class OutboxRelay {
public:
    /// `client` and `telemetry` outlive this.
    OutboxRelay(aws::AwsClient& client, const AwsSettings& settings, Telemetry& telemetry);

    [[nodiscard]] dynamo::Taken take(const std::vector<dynamo::OutboxRecord>& records);

private:
    SnsPublisher publisher_;
    Relay relay_;
};

}  // namespace souk::app
