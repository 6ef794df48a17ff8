#pragma once

#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"
#include "domain/ports/event.h"

/// The topic, queues and subscriptions that a bus needs, made by hand: for emulators, tests and
/// those who do not deploy with CloudFormation. deploy/aws makes the same.
namespace souk {

struct TopologySettings {
    std::string topic;         // "souk-dev-events"
    std::string queue_prefix;  // "souk-dev-"
    std::vector<Subscription> subscriptions;
};

struct Topology {
    std::string topic_arn;
    std::string queue_url_prefix;  // What SqsBusSettings takes.
};

/// Makes or corrects, for every subscription, its queue, the dead-letter queue of both queue and
/// subscription, the redrive policies, and who may send. Without subscriptions there is nothing to
/// make, which is an error. Answers the queues' URL prefix.
/// Units: messages hidden as long as their subscription says; kept 4 days, dead ones 14 days;
/// deliveries_max receives. Repeat: harmless. Errors: validation_failed, bus_unavailable, those of
/// AwsClient.
[[nodiscard]] Result<std::string> make_queues(aws::AwsClient& client,
                                              const TopologySettings& settings,
                                              const std::string& topic_arn);

/// Makes the topic, the queues, and a raw subscription with a filter policy on the attribute `type`
/// for each. Repeat: harmless. Errors: as make_queues.
[[nodiscard]] Result<Topology> make_topology(aws::AwsClient& client,
                                             const TopologySettings& settings);

/// Makes or corrects the queue, called so, for what a relay can never publish: kept 14 days.
/// Repeat: harmless. Errors: bus_unavailable, those of AwsClient.
[[nodiscard]] Result<void> make_undeliverable_queue(aws::AwsClient& client,
                                                    const std::string& name);

}  // namespace souk
