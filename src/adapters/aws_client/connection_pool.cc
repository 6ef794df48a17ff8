#include "adapters/aws_client/connection_pool.h"

#include <iterator>
#include <utility>

namespace souk::aws {

// A frozen Lambda function's monotonic clock may stand still while the network forgets the
// connection; the wall clock is set right when it thaws.
bool ConnectionPool::is_stale(const Waiting& waiting) const {
    return std::chrono::steady_clock::now() - waiting.since >= limits_.idle_time_max ||
           std::chrono::system_clock::now() - waiting.since_by_the_wall >= limits_.idle_time_max;
}

std::unique_ptr<Connection> ConnectionPool::take_latest(const Origin& origin,
                                                        std::vector<Waiting>& stale) {
    const std::lock_guard lock(mutex_);
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        if (is_stale(*at)) {
            stale.push_back(std::move(*at));
            at = waiting_.erase(at);
        } else {
            ++at;
        }
    }
    for (auto at = waiting_.rbegin(); at != waiting_.rend(); ++at) {
        if (at->origin == origin) {
            std::unique_ptr<Connection> connection = std::move(at->connection);
            waiting_.erase(std::next(at).base());
            return connection;
        }
    }
    return nullptr;
}

std::unique_ptr<Connection> ConnectionPool::take(const Origin& origin) {
    std::vector<Waiting> stale;  // Closed after the lock is gone.
    while (auto connection = take_latest(origin, stale)) {
        if (connection->is_quiet()) {
            return connection;
        }
    }
    return nullptr;
}

void ConnectionPool::put(const Origin& origin, std::unique_ptr<Connection> connection) {
    Waiting added{.origin = origin,
                  .connection = std::move(connection),
                  .since = std::chrono::steady_clock::now(),
                  .since_by_the_wall = std::chrono::system_clock::now()};
    std::unique_ptr<Connection> superfluous;
    const std::lock_guard lock(mutex_);
    if (limits_.connections_max == 0) {
        return;
    }
    if (waiting_.size() >= limits_.connections_max) {
        superfluous = std::move(waiting_.front().connection);
        waiting_.erase(waiting_.begin());
    }
    waiting_.push_back(std::move(added));
}

std::size_t ConnectionPool::size() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

}  // namespace souk::aws
