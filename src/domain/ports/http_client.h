#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"

namespace souk {

namespace errors {
/// The address is loopback, link-local, private or otherwise not for webhooks, or not http(s).
inline constexpr ErrorCode target_refused{"target_refused", ErrorKind::denied};
inline constexpr ErrorCode target_unreachable{"target_unreachable", ErrorKind::unavailable};
}  // namespace errors

struct OutgoingRequest {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds timeout{15'000};  // For all of it: name, connect, TLS, send, answer.
};

struct IncomingAnswer {
    static constexpr std::size_t body_bytes_max = 64UL * 1024;

    int status = 0;
    std::string body;  // The first `body_bytes_max` of it.
};

/// Calls addresses that strangers chose. The address is checked at the moment of connecting, after
/// the name was resolved; redirects are not followed.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    /// Errors: target_refused, target_unreachable (refused, reset, timed out, bad certificate).
    [[nodiscard]] virtual Result<IncomingAnswer> send(const OutgoingRequest& request) = 0;
    /// Whether the URL could be allowed, as far as can be told without resolving its name.
    [[nodiscard]] virtual Result<void> check_url(std::string_view url) const = 0;
};

}  // namespace souk
