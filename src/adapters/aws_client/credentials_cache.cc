#include "adapters/aws_client/credentials_cache.h"

#include <utility>

#include "adapters/aws_client/aws_client.h"

namespace souk::aws {

namespace {

bool lasts(const Credentials& credentials, std::chrono::system_clock::time_point until) {
    return !credentials.expires || *credentials.expires > until;
}

}  // namespace

CredentialsCache::CredentialsCache(std::vector<std::unique_ptr<CredentialsSource>> sources,
                                   std::function<Time()> now)
    : sources_(std::move(sources)), now_(std::move(now)) {}

CredentialsCache::Need CredentialsCache::need(Time now) const {
    if (known_ && lasts(*known_, now + unused_before)) {
        const bool due = !lasts(*known_, now + renewed_before) && now >= next_load_;
        return due && !loading_ ? Need::load : Need::none;
    }
    if (loading_) {
        return Need::wait;
    }
    return now >= next_load_ ? Need::load : Need::give_up;
}

Result<Credentials> CredentialsCache::current(Deadline deadline) {
    std::unique_lock lock(mutex_);
    Need needed = need(now_());
    while (needed == Need::wait) {
        if (!loaded_.wait_until(lock, deadline, [&] { return !loading_; })) {
            return fail(errors::aws_no_credentials, "The source of credentials takes too long.");
        }
        needed = need(now_());
    }
    if (needed == Need::load) {
        loading_ = true;
        lock.unlock();
        Result<Credentials> loaded = load(deadline);
        lock.lock();
        keep(std::move(loaded));
        loaded_.notify_all();
    }
    if (known_ && lasts(*known_, now_() + unused_before)) {
        return *known_;
    }
    return fail(failure_);
}

Result<Credentials> CredentialsCache::load(Deadline deadline) {
    for (const auto& source : sources_) {
        if (auto found = TRY(source->load(deadline))) {
            return std::move(*found);
        }
    }
    return fail(errors::aws_no_credentials, "There are no AWS credentials anywhere.");
}

void CredentialsCache::keep(Result<Credentials> loaded) {
    loading_ = false;
    const Time now = now_();
    if (loaded && !lasts(*loaded, now + unused_before)) {
        loaded = fail(errors::aws_no_credentials, "The credentials have expired.");
    }
    if (loaded) {
        known_ = std::move(*loaded);
        next_load_ = now + renewal_pause;
    } else {
        failure_ = std::move(loaded.error());
        next_load_ = now + (known_ ? renewal_pause : failure_pause);
    }
}

bool CredentialsCache::replace(const Credentials& expired, Deadline deadline) {
    {
        const std::lock_guard lock(mutex_);
        if (known_ && known_->session_token == expired.session_token) {
            known_.reset();
            next_load_ = Time::min();
        }
    }
    const auto now_known = current(deadline);
    return now_known && now_known->session_token != expired.session_token;
}

}  // namespace souk::aws
