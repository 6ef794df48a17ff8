#include "adapters/bus_sns_sqs/topology.h"

#include <utility>

#include "adapters/aws_client/xml_text.h"
#include "adapters/bus_sns_sqs/query_call.h"
#include "adapters/bus_sns_sqs/queue_calls.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/message_bus.h"

namespace souk {

namespace {

using sqs::Attributes;

constexpr std::string_view dead = "-dead";
constexpr std::chrono::hours kept{4 * 24};
constexpr std::chrono::hours dead_kept{14 * 24};  // The longest that SQS offers.
constexpr std::chrono::seconds poll{20};

Result<JsonDocument> sqs_call(aws::AwsClient& client, std::string_view action, std::string body) {
    const auto answer = TRY(client.call({.service = "sqs",
                                         .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                                     {"X-Amz-Target", cat("AmazonSQS.", action)}},
                                         .body = std::move(body),
                                         .repeat = aws::Repeat::idempotent}));
    if (!answer.ok()) {
        return fail(errors::bus_unavailable, cat("SQS refuses ", action, ": ", answer.error_code,
                                                 ": ", answer.error_message));
    }
    return JsonDocument::parse(answer.body.empty() ? "{}" : answer.body);
}

/// The queue's URL. Made without attributes, so that one with others is no conflict.
Result<std::string> make_queue(aws::AwsClient& client, const std::string& name) {
    JsonWriter out;
    out.begin_object().member("QueueName", name).end_object();
    return TRY(sqs_call(client, "CreateQueue", out.take())).root()["QueueUrl"].text_or();
}

Result<std::string> arn_of(aws::AwsClient& client, const std::string& url) {
    JsonWriter out;
    out.begin_object().member("QueueUrl", url).key("AttributeNames").begin_array();
    out.value("QueueArn").end_array().end_object();
    const JsonDocument answer = TRY(sqs_call(client, "GetQueueAttributes", out.take()));
    return answer.root()["Attributes"]["QueueArn"].text_or();
}

Result<void> set_attributes(aws::AwsClient& client, const std::string& url,
                            const Attributes& attributes) {
    JsonWriter out;
    out.begin_object().member("QueueUrl", url).key("Attributes").begin_object();
    for (const auto& [name, value] : attributes) {
        out.member(name, value);
    }
    out.end_object().end_object();
    TRY(sqs_call(client, "SetQueueAttributes", out.take()));
    return {};
}

std::string seconds_of(std::chrono::seconds duration) { return cat(duration.count()); }

/// Only the topic may send.
std::string sending_policy(const std::string& queue_arn, const std::string& topic_arn) {
    JsonWriter out;
    out.begin_object().member("Version", "2012-10-17").key("Statement").begin_array();
    out.begin_object().member("Effect", "Allow");
    out.key("Principal").begin_object().member("Service", "sns.amazonaws.com").end_object();
    out.member("Action", "sqs:SendMessage").member("Resource", queue_arn);
    out.key("Condition").begin_object().key("ArnEquals").begin_object();
    out.member("aws:SourceArn", topic_arn).end_object().end_object();
    out.end_object().end_array().end_object();
    return out.take();
}

std::string redrive_policy(const std::string& dead_arn) {
    JsonWriter out;
    out.begin_object().member("deadLetterTargetArn", dead_arn);
    out.member("maxReceiveCount", deliveries_max).end_object();
    return out.take();
}

std::string filter_policy(const std::vector<std::string>& types) {
    JsonWriter out;
    out.begin_object().key("type").begin_array();
    for (const auto& type : types) {
        out.value(type);
    }
    out.end_array().end_object();
    return out.take();
}

/// Makes one queue and its dead letters' queue; tells its URL.
Result<std::string> make_pair(aws::AwsClient& client, const std::string& name,
                              const std::string& topic_arn, std::chrono::seconds hidden) {
    const std::string dead_url = TRY(make_queue(client, cat(name, dead)));
    const std::string dead_arn = TRY(arn_of(client, dead_url));
    std::string url = TRY(make_queue(client, name));
    const std::string arn = TRY(arn_of(client, url));
    Attributes of_dead{{"MessageRetentionPeriod", seconds_of(dead_kept)}};
    Attributes of_queue{{"VisibilityTimeout", seconds_of(hidden)},
                        {"MessageRetentionPeriod", seconds_of(kept)},
                        {"ReceiveMessageWaitTimeSeconds", seconds_of(poll)},
                        {"RedrivePolicy", redrive_policy(dead_arn)}};
    if (!topic_arn.empty()) {
        of_dead.emplace_back("Policy", sending_policy(dead_arn, topic_arn));
        of_queue.emplace_back("Policy", sending_policy(arn, topic_arn));
    }
    TRY(set_attributes(client, dead_url, of_dead));
    TRY(set_attributes(client, url, of_queue));
    return url;
}

Result<void> subscribe(aws::AwsClient& client, const std::string& topic_arn,
                       const std::string& queue_url, const std::vector<std::string>& types) {
    const std::string queue_arn = TRY(arn_of(client, queue_url));
    const std::string answer = TRY(sqs::sns_call(client, "Subscribe",
                                                 {{"TopicArn", topic_arn},
                                                  {"Protocol", "sqs"},
                                                  {"Endpoint", queue_arn},
                                                  {"ReturnSubscriptionArn", "true"}}));
    const std::string arn = aws::xml_text(answer, "SubscriptionArn").value_or("");
    JsonWriter undelivered;
    undelivered.begin_object();
    undelivered.member("deadLetterTargetArn", cat(queue_arn, dead)).end_object();
    const Attributes attributes{{"RawMessageDelivery", "true"},
                                {"FilterPolicy", filter_policy(types)},
                                {"RedrivePolicy", undelivered.take()}};
    for (const auto& [name, value] : attributes) {
        TRY(sqs::sns_call(
            client, "SetSubscriptionAttributes",
            {{"SubscriptionArn", arn}, {"AttributeName", name}, {"AttributeValue", value}}));
    }
    return {};
}

}  // namespace

Result<void> make_undeliverable_queue(aws::AwsClient& client, const std::string& name) {
    const std::string url = TRY(make_queue(client, name));
    return set_attributes(client, url, {{"MessageRetentionPeriod", seconds_of(dead_kept)}});
}

Result<std::string> make_queues(aws::AwsClient& client, const TopologySettings& settings,
                                const std::string& topic_arn) {
    std::string prefix;
    for (const auto& subscription : settings.subscriptions) {
        const std::string name = cat(settings.queue_prefix, subscription.queue);
        std::string url = TRY(make_pair(client, name, topic_arn, subscription.hidden));
        if (!url.ends_with(name)) {
            return fail(errors::bus_unavailable, cat("SQS's URL ", url, " does not end in ", name));
        }
        prefix = url.substr(0, url.size() - subscription.queue.size());
    }
    if (prefix.empty()) {
        return fail(errors::validation_failed, "Without subscriptions there are no queues.");
    }
    return prefix;
}

Result<Topology> make_topology(aws::AwsClient& client, const TopologySettings& settings) {
    const std::string answer =
        TRY(sqs::sns_call(client, "CreateTopic", {{"Name", settings.topic}}));
    Topology topology;
    topology.topic_arn = aws::xml_text(answer, "TopicArn").value_or("");
    topology.queue_url_prefix = TRY(make_queues(client, settings, topology.topic_arn));
    for (const auto& subscription : settings.subscriptions) {
        TRY(subscribe(client, topology.topic_arn,
                      cat(topology.queue_url_prefix, subscription.queue), subscription.types));
    }
    return topology;
}

}  // namespace souk
