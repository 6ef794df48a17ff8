#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"

namespace souk::sqs {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// The XML that SNS answers. Errors: bus_unavailable, those of AwsClient.
/// Repeat: as the action's; every one that we use bears it.
/// Source: AWS query protocol, SNS API version 2010-03-31.
[[nodiscard]] Result<std::string> sns_call(aws::AwsClient& client, std::string_view action,
                                           const Parameters& parameters);

}  // namespace souk::sqs
