#include "apps/aws/outbox_relay.h"

#include <utility>

#include "domain/base/text.h"

namespace souk::app {

std::string undeliverable_queue(std::string_view relay) { return cat(relay, "-dead"); }

std::string relay_of(std::string_view table) {
    const std::string_view service = table == "payments"   ? "orders"
                                     : table == "identity" ? "users"
                                                           : table;
    return cat(service, "-relay");
}

OutboxRelay::OutboxRelay(aws::AwsClient& client, const AwsSettings& settings, Telemetry& telemetry)
    : client_(client),
      queue_url_prefix_(settings.queue_url_prefix),
      publisher_(client, settings.topic_arn),
      telemetry_(telemetry) {}

dynamo::Taken OutboxRelay::take(const std::vector<dynamo::OutboxRecord>& records) {
    if (records.empty()) {
        return {};
    }
    std::vector<OutboxRecord> outbox;
    for (const auto& record : records) {
        outbox.push_back({cat(record.table, '/', record.event_id), record.event});
    }
    const std::string dead = undeliverable_queue(relay_of(records.front().table));
    Relay relay(publisher_, keep_in_queue(client_, cat(queue_url_prefix_, dead)), telemetry_);
    Relayed relayed = relay.publish(outbox);
    return {.count = relayed.settled, .failure = std::move(relayed.failure)};
}

}  // namespace souk::app
