#pragma once

#include <string>

#include "adapters/aws_client/aws_client.h"
#include "apps/aws/aws_settings.h"
#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/ports/telemetry.h"

namespace souk::app {

struct Republished {
    int published = 0;
    int refused = 0;
    std::string report;  // A line a table, and one for each event that can never be published.
};

/// Publishes again what the outboxes of all tables hold of events since `since`, whatever became of
/// them: the way back after a relay that stood still, or a topic that refused. For outbox_kept
/// after its commit an event is certain to be there. Needs the stage's settings and AWS's own
/// variables. Errors: those of SnsPublisher that may pass, and of read_outbox; what went before is
/// published. Repeat: harmless, reactions act once on an event.
[[nodiscard]] Result<Republished> republish(aws::AwsClient& client, const AwsSettings& settings,
                                            Instant since, Telemetry& telemetry);
/// The same with the settings and the client that `variables` describe.
[[nodiscard]] Result<Republished> republish(const Variables& variables, Instant since,
                                            Telemetry& telemetry);

}  // namespace souk::app
