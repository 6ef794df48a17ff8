#include "adapters/memory_ports/memory_http_client.h"

#include <algorithm>
#include <optional>

#include "domain/base/text.h"

namespace souk {

namespace {

/// The host of an http(s) URL, in lower case; nothing for anything else, nor for one with a user.
std::optional<std::string> host_of(std::string_view url) {
    const auto colon = url.find("://");
    const std::string scheme = ascii_lower(url.substr(0, colon));
    if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) {
        return std::nullopt;
    }
    const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
    const std::string_view rest = url.substr(colon + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
    const auto port = end < authority.size() ? to_integer(authority.substr(end + 1)) : 443;
    if (!plain || authority.contains('@') || end == 0 || !port || *port < 1 || *port > 65'535) {
        return std::nullopt;
    }
    const std::string host = ascii_lower(authority.substr(0, end));
    return host.empty() ? std::nullopt : std::optional(host);
}

Result<IncomingAnswer> shortened(Result<IncomingAnswer> answer) {
    if (answer && answer->body.size() > IncomingAnswer::body_bytes_max) {
        answer->body.resize(IncomingAnswer::body_bytes_max);
    }
    return answer;
}

}  // namespace

void MemoryHttpClient::answer_next(IncomingAnswer answer) {
    const std::scoped_lock lock(mutex_);
    script_.emplace_back(std::move(answer));
}

void MemoryHttpClient::fail_next(ErrorCode code) {
    const std::scoped_lock lock(mutex_);
    script_.emplace_back(fail(code, "The memory client was told to fail."));
}

void MemoryHttpClient::answer_with(Answers answers) {
    const std::scoped_lock lock(mutex_);
    answers_ = std::move(answers);
}

void MemoryHttpClient::refuse_host(std::string_view host) {
    const std::scoped_lock lock(mutex_);
    refused_.insert(ascii_lower(host));
}

std::vector<OutgoingRequest> MemoryHttpClient::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

Result<IncomingAnswer> MemoryHttpClient::send(const OutgoingRequest& request) {
    Answers answers;
    {
        const std::scoped_lock lock(mutex_);
        TRY(check_locked(request.url));
        requests_.push_back(request);
        if (!script_.empty()) {
            auto answer = std::move(script_.front());
            script_.pop_front();
            return shortened(std::move(answer));
        }
        answers = answers_;
    }
    // Outside the lock, so that an answer may look at what was sent.
    return answers ? shortened(answers(request)) : IncomingAnswer{200, ""};
}

Result<void> MemoryHttpClient::check_url(std::string_view url) const {
    const std::scoped_lock lock(mutex_);
    return check_locked(url);
}

Result<void> MemoryHttpClient::check_locked(std::string_view url) const {
    const auto host = host_of(url);
    if (!host) {
        return fail(errors::target_refused, "The address is not an http or https URL.");
    }
    if (refused_.contains(*host)) {
        return fail(errors::target_refused, cat("Requests to ", *host, " are refused."));
    }
    return {};
}

}  // namespace souk
