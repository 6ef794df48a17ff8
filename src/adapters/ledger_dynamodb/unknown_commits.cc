#include "adapters/ledger_dynamodb/unknown_commits.h"

namespace souk::dynamo {

void UnknownCommits::keep(const std::string& client_token, const Draft& draft) {
    const std::lock_guard lock(mutex_);
    if (drafts_.insert_or_assign(client_token, draft).second) {
        order_.push_back(client_token);
    }
    while (order_.size() > kept_max) {
        drafts_.erase(order_.front());
        order_.pop_front();
    }
}

std::optional<Draft> UnknownCommits::take(const std::string& client_token) {
    const std::lock_guard lock(mutex_);
    auto found = drafts_.extract(client_token);
    if (found.empty()) {
        return std::nullopt;
    }
    std::erase(order_, client_token);
    return std::move(found.mapped());
}

}  // namespace souk::dynamo
