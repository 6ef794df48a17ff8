#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/ledger_dynamodb/draft.h"

namespace souk::dynamo {

/// The drafts of commits whose outcome is unknown. When such a commit is repeated, the very same
/// request goes out again, so DynamoDB recognises it whether it has finished or is still at work.
/// (A repeat in another process makes a request with another `now`, and is told that the token was
/// used for something else.) Thread-safe.
class UnknownCommits {
public:
    /// Drafts kept; beyond that the oldest go.
    static constexpr std::size_t kept_max = 1024;

    /// The draft's own token may be a later one.
    void keep(const std::string& client_token, const Draft& draft);
    /// The draft kept under this token, which it then is no longer.
    [[nodiscard]] std::optional<Draft> take(const std::string& client_token);

private:
    std::mutex mutex_;
    std::unordered_map<std::string, Draft> drafts_;
    std::deque<std::string> order_;
};

}  // namespace souk::dynamo
