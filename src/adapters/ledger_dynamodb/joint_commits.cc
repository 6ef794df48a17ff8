#include "adapters/ledger_dynamodb/joint_commits.h"

#include <utility>

namespace souk::dynamo {

void JointCommits::keep(const std::vector<std::string>& tokens, Transaction all,
                        std::optional<bool> happened) {
    if (happened) {
        all = {.token = std::move(all.token)};  // Nobody will send it again.
    }
    const auto record = std::make_shared<Record>(std::move(all));
    record->happened = happened;
    const std::lock_guard lock(mutex_);
    for (const auto& token : tokens) {
        if (records_.insert_or_assign(token, record).second) {
            order_.push_back(token);
        }
    }
    while (order_.size() > kept_max) {
        records_.erase(order_.front());
        order_.pop_front();
    }
}

std::shared_ptr<JointCommits::Record> JointCommits::find(const std::string& token) const {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(token);
    return found == records_.end() ? nullptr : found->second;
}

}  // namespace souk::dynamo
