#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/souk/home.h"

namespace souk::app {

/// The AWS home in a process that stays: the API in containers, with DynamoDB, SNS, SQS, Cognito,
/// S3 and SES behind it. The process also does what Lambda's event sources do there: it polls the
/// queues, reads the outboxes' streams and publishes them.
class ServedAwsHome final : public Home {
public:
    /// Errors: those of AwsHome::open.
    static Result<std::unique_ptr<Home>> open(const Config& config);
    ~ServedAwsHome() override;

    [[nodiscard]] const Config& config() const override;
    [[nodiscard]] Ledger& ledger() override;
    [[nodiscard]] MessageBus& bus() override;
    [[nodiscard]] SystemClock& clock() override;
    [[nodiscard]] Telemetry& telemetry() override;
    [[nodiscard]] Services& services() override;
    void observe(CommitObserver& observer) override;
    void forget(CommitObserver& observer) override;
    [[nodiscard]] std::vector<Services::Chore> chores() override;
    /// The relay: from the outboxes to the topic.
    void start_work() override;
    /// Cognito rotates its keys itself. Errors: not_of_this_home.
    [[nodiscard]] Result<void> rotate_keys() override;
    /// DynamoDB has point-in-time recovery. Errors: not_of_this_home.
    [[nodiscard]] Result<void> backup(const std::string& directory) override;

private:
    struct Parts;
    explicit ServedAwsHome(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
