#include "apps/aws/outbox_relay.h"

#include <utility>

#include "domain/base/text.h"

namespace souk::app {

std::string undeliverable_queue(std::string_view relay) { return cat(relay, "-dead"); }

OutboxRelay::OutboxRelay(aws::AwsClient& client, const AwsSettings& settings, Telemetry& telemetry)
    : publisher_(client, settings.topic_arn),
      relay_(
          publisher_,
          keep_in_queue(client, cat(settings.queue_url_prefix, undeliverable_queue(served_relay))),
          telemetry) {}

dynamo::Taken OutboxRelay::take(const std::vector<dynamo::OutboxRecord>& records) {
    std::vector<OutboxRecord> outbox;
    for (const auto& record : records) {
        outbox.push_back({cat(record.table, '/', record.event_id), record.event});
    }
    Relayed relayed = relay_.publish(outbox);
    return {.count = relayed.settled, .failure = std::move(relayed.failure)};
}

}  // namespace souk::app
