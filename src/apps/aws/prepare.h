#pragma once

#include <string>

#include "apps/aws/aws_settings.h"
#include "domain/base/error.h"

namespace souk::app {

/// Makes the tables, the topic, the queues (also OutboxRelay's) and the subscriptions of a stage
/// where no deployment does: on emulators, and for containers without Lambda. Needs
/// SOUK_TABLE_PREFIX and AWS's own variables. Answers the settings that follow, a NAME=value a
/// line. Errors: validation_failed, aws_misconfigured, those of AwsClient. Repeat: harmless.
[[nodiscard]] Result<std::string> prepare_aws(const Variables& variables);

}  // namespace souk::app
