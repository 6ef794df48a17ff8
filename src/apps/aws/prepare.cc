#include "apps/aws/prepare.h"

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/bus_sns_sqs/topology.h"
#include "adapters/ledger_dynamodb/table_definitions.h"
#include "apps/aws/outbox_relay.h"
#include "apps/services/services.h"
#include "domain/base/text.h"

namespace souk::app {

Result<std::string> prepare_aws(const Variables& variables) {
    const auto prefix = variables.find("SOUK_TABLE_PREFIX");
    if (prefix == variables.end() || prefix->second.empty()) {
        return invalid_field("SOUK_TABLE_PREFIX", "required", "SOUK_TABLE_PREFIX is not set.");
    }
    const auto client =
        TRY(aws::HttpAwsClient::make(TRY(aws::AwsOptions::from_environment(variables))));
    TRY(dynamo::create_tables(*client, prefix->second));
    const Topology topology =
        TRY(make_topology(*client, TopologySettings{.topic = cat(prefix->second, "events"),
                                                    .queue_prefix = prefix->second,
                                                    .subscriptions = subscriptions()}));
    for (const std::string_view table : dynamo::ledger_tables) {
        TRY(make_undeliverable_queue(*client,
                                     cat(prefix->second, undeliverable_queue(relay_of(table)))));
    }
    return cat("SOUK_TOPIC_ARN=", topology.topic_arn,
               "\nSOUK_QUEUE_URL_PREFIX=", topology.queue_url_prefix, "\n");
}

}  // namespace souk::app
