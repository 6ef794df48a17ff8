#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "domain/ports/http_client.h"

namespace souk {

/// Answers as told and remembers what was sent; no socket. Thread-safe.
class MemoryHttpClient final : public HttpClient {
public:
    using Answers = std::function<Result<IncomingAnswer>(const OutgoingRequest&)>;

    /// The next request that has none yet gets this answer; in order of calling.
    void answer_next(IncomingAnswer answer);
    void fail_next(ErrorCode code);
    /// Decides every request that no scripted answer is left for; at first all get an empty 200.
    void answer_with(Answers answers);
    /// `send` and `check_url` refuse this host from now on.
    void refuse_host(std::string_view host);

    /// Everything that was sent, failures included, in order.
    [[nodiscard]] std::vector<OutgoingRequest> requests() const;

    [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;
    /// http and https with a host are allowed, but for localhost and refused hosts.
    [[nodiscard]] Result<void> check_url(std::string_view url) const override;

private:
    [[nodiscard]] Result<void> check_locked(std::string_view url) const;

    mutable std::mutex mutex_;
    std::deque<Result<IncomingAnswer>> script_;
    Answers answers_;
    std::set<std::string, std::less<>> refused_{"localhost", "127.0.0.1", "[::1]"};
    std::vector<OutgoingRequest> requests_;
};

}  // namespace souk
