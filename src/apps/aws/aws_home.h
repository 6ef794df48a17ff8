#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/aws/aws_settings.h"
#include "apps/services/services.h"
#include "domain/base/error.h"
#include "domain/ports/telemetry.h"

namespace souk {
class CognitoIdentity;
class DynamoLedger;
class SqsBus;
class SystemClock;
}  // namespace souk
namespace souk::aws {
class AwsClient;
}

namespace souk::app {

struct AwsHomeOptions {
    gateway::GatewayOptions gateway = {};
    std::function<Result<std::string>(const Request&)> metrics = [](const Request&) {
        return std::string();
    };
};

/// The composition root of the AWS home: the same services on DynamoDB, SNS and SQS, Cognito, S3
/// and SES. Lambda functions and `souk serve` with home = "aws" are made of it.
class AwsHome {
public:
    /// `variables` are the process's: besides the settings they say how AWS is reached. Makes no
    /// call but the one for the installation's secret. Errors: validation_failed,
    /// aws_misconfigured, those of AwsClient.
    static Result<std::unique_ptr<AwsHome>> open(const AwsSettings& settings,
                                                 const Variables& variables, SystemClock& clock,
                                                 Telemetry& telemetry, AwsHomeOptions options);
    ~AwsHome();
    AwsHome(const AwsHome&) = delete;
    AwsHome& operator=(const AwsHome&) = delete;

    [[nodiscard]] aws::AwsClient& client();
    [[nodiscard]] DynamoLedger& ledger();
    [[nodiscard]] SqsBus& bus();
    [[nodiscard]] Services& services();

private:
    struct Parts;
    explicit AwsHome(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::app
