#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "domain/base/error.h"

namespace souk::app {

using Variables = std::map<std::string, std::string>;

/// Where this stage's resources are; deploy/aws gives them to every function as variables of the
/// same names in capitals (SOUK_TABLE_PREFIX …).
struct AwsSettings {
    std::string stage;
    std::string table_prefix;      // "souk-prod-"
    std::string topic_arn;         // Where the relay publishes.
    std::string queue_url_prefix;  // "https://sqs.eu-west-1.amazonaws.com/123456789012/souk-prod-"
    std::string user_pool_id;
    std::string user_pool_client_id;
    std::string media_bucket;
    std::string media_url;  // Where shoppers fetch images.
    std::string mail_from;
    std::string mail_configuration_set;  // Of SES: tells of bounces. Empty: the sending domain's.
    std::string secret_arn;              // In Secrets Manager; else `secret` itself.
    std::string secret;                  // At least 32 characters.
    std::string user_pool_issuer;        // Empty: Cognito's own.
    /// "present" or "classic": how access tokens are renewed; the latter for emulators.
    std::string user_pool_refresh = "present";
    std::string webhooks_allow_private = "false";  // Or "true".
    std::int64_t payment_deadline_s = 900;         // SOUK_ORDERS_PAYMENT_DEADLINE_S
};

/// Errors: validation_failed, with all that is missing or wrong at once.
[[nodiscard]] Result<AwsSettings> read_aws_settings(const Variables& variables);

/// The names of all of them.
[[nodiscard]] std::vector<std::string> aws_setting_names();

}  // namespace souk::app
