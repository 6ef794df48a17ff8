#include "apps/aws/lazy_http_client.h"

namespace souk::app {

Result<PublicHttpClient*> LazyHttpClient::client() const {
    const std::lock_guard lock(mutex_);
    if (!client_) {
        client_ = TRY(PublicHttpClient::make(options_));
    }
    return client_.get();
}

Result<IncomingAnswer> LazyHttpClient::send(const OutgoingRequest& request) {
    return TRY(client())->send(request);
}

Result<void> LazyHttpClient::check_url(std::string_view url) const {
    return TRY(client())->check_url(url);
}

}  // namespace souk::app
