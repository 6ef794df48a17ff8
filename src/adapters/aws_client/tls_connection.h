#pragma once

#include <memory>
#include <string>

#include "adapters/aws_client/connection.h"

namespace souk::aws {

/// Speaks TLS over the socket; the peer's certificate must be valid for `host`.
/// Errors: aws_not_sent, aws_misconfigured (`trust`).
[[nodiscard]] Result<std::unique_ptr<Connection>> open_tls(Socket socket, const std::string& host,
                                                           TlsTrust& trust, Deadline deadline);

}  // namespace souk::aws
