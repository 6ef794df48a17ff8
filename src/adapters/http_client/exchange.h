#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "adapters/http_client/ip_address.h"
#include "adapters/http_client/web_url.h"
#include "domain/base/error.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {

/// Connects to the first of the addresses that lets it, sends `message` and reads the answer. Under
/// TLS the certificate must be valid for the URL's host. Errors: target_unreachable.
[[nodiscard]] Result<IncomingAnswer> exchange(const WebUrl& url,
                                              const std::vector<IpAddress>& addresses,
                                              const std::string& message,
                                              boost::asio::ssl::context& tls,
                                              std::chrono::steady_clock::time_point deadline);

}  // namespace souk::http_out
