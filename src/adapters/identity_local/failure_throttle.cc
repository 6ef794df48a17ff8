#include "adapters/identity_local/failure_throttle.h"

#include <algorithm>
#include <chrono>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::chrono::milliseconds window{60'000};

void drop_old(std::vector<Instant>& tries, Instant now) {
    std::erase_if(tries, [&](Instant at) { return at + window <= now; });
}

}  // namespace

Result<void> FailureThrottle::admit(std::string_view name, Instant now) {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    auto& tries = tries_[std::string(name)];
    drop_old(tries, now);
    if (tries.size() >= failures_max_) {
        const auto left = std::ranges::min(tries) + window - now;
        const auto seconds = std::max<std::int64_t>((left.count() + 999) / 1000, 1);
        Error error{errors::rate_limited,
                    cat("Too many failed tries; try again in ", seconds, " seconds.")};
        error.members.emplace_back("retry_after", cat(seconds));
        return fail(std::move(error));
    }
    tries.push_back(now);
    return {};
}

void FailureThrottle::forgive(std::string_view name, Instant admitted) {
    const std::lock_guard lock(mutex_);
    const auto found = tries_.find(std::string(name));
    if (found == tries_.end()) {
        return;
    }
    const auto at = std::ranges::find(found->second, admitted);
    if (at != found->second.end()) {
        found->second.erase(at);
    }
    if (found->second.empty()) {
        tries_.erase(found);
    }
}

void FailureThrottle::forget_old(Instant now) {
    if (tries_.size() < sweep_at_) {
        return;
    }
    for (auto& [name, tries] : tries_) {
        drop_old(tries, now);
    }
    std::erase_if(tries_, [](const auto& entry) { return entry.second.empty(); });
    // Twice what is alive: each sweep is paid for by as many new names.
    sweep_at_ = std::max<std::size_t>(tries_.size() * 2, 1024);
}

}  // namespace souk
