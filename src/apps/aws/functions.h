#pragma once

#include <string_view>

#include "adapters/lambda_runtime/runtime_api.h"
#include "apps/aws/aws_settings.h"
#include "domain/ports/telemetry.h"

namespace souk {
class SystemClock;
}

namespace souk::app {

namespace errors {
/// _HANDLER names no function.
inline constexpr ErrorCode unknown_function{"unknown_function", ErrorKind::invalid};
}  // namespace errors

/// The Lambda function of that name. Shape: "{service}.http" (requests of an HTTP API),
/// "{service}.reactions" (batches of SQS), "{service}.sweep" (a schedule: what is due by the
/// clock), "platform.relay" (batches of a table's stream); a service is stores, products, carts,
/// users, orders or notifications. The references outlive the handler.
/// Errors: unknown_function, and those of AwsHome::open.
[[nodiscard]] Result<lambda::InvocationHandler> make_function(std::string_view name,
                                                              const Variables& variables,
                                                              SystemClock& clock,
                                                              Telemetry& telemetry);

}  // namespace souk::app
