#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/aws_client/credentials.h"

namespace souk::aws {

/// The credentials of the first source that has some, renewed before they expire: by one thread,
/// while the others go on with those that are still valid. Thread-safe.
class CredentialsCache {
public:
    using Deadline = CredentialsSource::Deadline;
    using Time = std::chrono::system_clock::time_point;

    /// Renewed from this long before they expire. Source: EC2 User Guide: new ones are there at
    /// least five minutes before the old ones expire.
    static constexpr std::chrono::minutes renewed_before{5};
    /// Not used so shortly before they expire: they would on the way.
    static constexpr std::chrono::seconds unused_before{10};
    /// A renewal that brought nothing better is not tried again so soon.
    static constexpr std::chrono::seconds renewal_pause{30};
    /// Nor is a source that had none, while there are none.
    static constexpr std::chrono::seconds failure_pause{1};

    CredentialsCache(std::vector<std::unique_ptr<CredentialsSource>> sources,
                     std::function<Time()> now);

    /// Errors: aws_no_credentials.
    [[nodiscard]] Result<Credentials> current(Deadline deadline);
    /// Gives up credentials that a service says have expired: whether there are others now.
    [[nodiscard]] bool replace(const Credentials& expired, Deadline deadline);

private:
    enum class Need { none, wait, load, give_up };

    [[nodiscard]] Need need(Time now) const;
    [[nodiscard]] Result<Credentials> load(Deadline deadline);
    void keep(Result<Credentials> loaded);

    const std::vector<std::unique_ptr<CredentialsSource>> sources_;
    const std::function<Time()> now_;
    std::mutex mutex_;
    std::condition_variable loaded_;
    std::optional<Credentials> known_;
    Error failure_;
    Time next_load_ = Time::min();
    bool loading_ = false;
};

}  // namespace souk::aws
