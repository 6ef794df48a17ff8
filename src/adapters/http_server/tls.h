#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "adapters/http_server/http_server.h"
#include "domain/base/error.h"

namespace souk::http_edge {

/// TLS 1.2 or newer with these files; speaks http/1.1 by ALPN. Errors: http_server_misconfigured.
[[nodiscard]] Result<std::unique_ptr<boost::asio::ssl::context>> tls_context(const TlsFiles& files);

}  // namespace souk::http_edge
