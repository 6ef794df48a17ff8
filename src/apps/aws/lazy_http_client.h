#pragma once

#include <memory>
#include <mutex>

#include "adapters/http_client/public_http_client.h"

namespace souk::app {

/// Makes the client for webhooks when it is first needed: trusting the world's certificates takes
/// tens of milliseconds, which no other function's start should pay.
class LazyHttpClient final : public HttpClient {
public:
    explicit LazyHttpClient(PublicHttpClientOptions options) : options_(std::move(options)) {}

    /// Errors: also http_client_misconfigured.
    [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;
    [[nodiscard]] Result<void> check_url(std::string_view url) const override;

private:
    [[nodiscard]] Result<PublicHttpClient*> client() const;

    PublicHttpClientOptions options_;
    mutable std::mutex mutex_;
    mutable std::unique_ptr<PublicHttpClient> client_;
};

}  // namespace souk::app
