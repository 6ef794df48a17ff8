#pragma once

#include <vector>

#include "domain/notifications/webhooks.h"
#include "domain/ports/route.h"

namespace souk::notifications {

/// Everything below `/v1/stores/{store}/webhooks`. The handlers refer to `webhooks`.
[[nodiscard]] std::vector<Route> webhook_routes(const Webhooks& webhooks);

}  // namespace souk::notifications
