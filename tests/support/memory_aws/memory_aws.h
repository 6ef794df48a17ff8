#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/ports/clock.h"
#include "support/memory_aws/memory_dynamo.h"
#include "support/memory_aws/memory_queues.h"

namespace souk::testing_support {

/// What can go wrong with one call.
enum class Fault {
    none,
    not_sent,          // No connection.
    throttled,         // The service does nothing and says so.
    failed,            // 500, and nothing has happened.
    failed_after,      // 500, and it has happened.
    unanswered,        // The connection broke; nothing has happened.
    unanswered_after,  // The connection broke after the effect.
    conflicted,        // A transaction met another one.
    damaged,           // The answer's bytes are not those that were sent.
    sent_twice,        // A message is published or sent twice.
};
[[nodiscard]] std::string_view name_of(Fault fault);

/// What all processes of one account see of AWS.
struct MemoryAccount {
    MemoryAccount(const Clock& clock, std::string prefix, std::vector<Subscription> subscriptions)
        : dynamo(clock), queues(clock, std::move(prefix), std::move(subscriptions)) {}

    MemoryDynamo dynamo;
    MemoryQueues queues;
};

/// A process's way to AWS: DynamoDB, SQS and SNS in memory, with whatever goes wrong in between.
class MemoryAws final : public aws::AwsClient {
public:
    /// Says what happens to the call; `action` is "GetItem", "PublishBatch" and the like.
    using Fate = std::function<Fault(std::string_view action)>;

    /// `account` outlives this. Nothing goes wrong without a `fate`.
    explicit MemoryAws(MemoryAccount& account, Fate fate = {})
        : account_(account), fate_(std::move(fate)) {}

    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override;
    [[nodiscard]] Result<std::string> presign(const aws::Presigned& presigned) override;
    [[nodiscard]] std::string endpoint(std::string_view service) const override;
    [[nodiscard]] std::string_view region() const override { return "eu-west-1"; }

private:
    [[nodiscard]] aws::Answer perform(const aws::Call& call, std::string_view action);

    MemoryAccount& account_;
    const Fate fate_;
};

}  // namespace souk::testing_support
