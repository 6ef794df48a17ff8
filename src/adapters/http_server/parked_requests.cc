#include "adapters/http_server/parked_requests.h"

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "adapters/http_server/worker_pool.h"

namespace souk::http_edge {

namespace {

enum class Polling { resting, active, over };

/// A table's name holds no NUL, so no two pairs share a key.
void write_key(std::string& key, std::string_view table, std::string_view partition) {
    key.assign(table);
    key.push_back('\0');
    key.append(partition);
}

}  // namespace

struct ParkedRequests::Entry {
    std::string key;
    std::shared_ptr<const Deferred> deferred;
    Answer answer;
    Polling polling = Polling::active;
    bool touched = false;  // A commit arrived while a poll ran that may not have seen it.
    bool expired = false;  // The next poll that starts is the last.
};

ParkedRequests::Ticket ParkedRequests::park(std::shared_ptr<const Deferred> deferred,
                                            Answer answer) {
    auto ticket = std::make_shared<Entry>();
    write_key(ticket->key, deferred->watch_table, deferred->watch_partition);
    ticket->deferred = std::move(deferred);
    ticket->answer = std::move(answer);
    {
        const std::lock_guard lock(mutex_);
        watchers_[ticket->key].push_back(ticket);
        ++waiting_;
    }
    // Only now: a commit before this line is seen by the poll, one after it by the watch.
    start_polling(ticket);
    return ticket;
}

void ParkedRequests::start_polling(const Ticket& ticket) {
    workers_.resume([this, ticket] { poll(ticket); });
}

void ParkedRequests::poll(const Ticket& ticket) {
    for (;;) {
        bool last = false;
        {
            const std::lock_guard lock(mutex_);
            if (ticket->polling == Polling::over) {
                return;
            }
            ticket->touched = false;
            last = ticket->expired;
        }
        std::optional<Response> better = polled(*ticket->deferred);
        Answer answer;
        {
            const std::lock_guard lock(mutex_);
            if (ticket->polling == Polling::over) {
                return;
            }
            if (better || last) {
                forget(ticket);
                answer = std::move(ticket->answer);
            } else if (!ticket->touched && !ticket->expired) {
                ticket->polling = Polling::resting;
                return;
            }
        }
        if (answer) {
            answer(std::move(better));
            return;
        }
    }
}

std::optional<Response> ParkedRequests::polled(const Deferred& deferred) {
    try {
        return deferred.poll();
    } catch (const std::exception& thrown) {
        telemetry_.log(LogLevel::error, "a deferred response threw", {{"what", thrown.what()}});
        return std::nullopt;
    }
}

void ParkedRequests::expire(const Ticket& ticket) {
    {
        const std::lock_guard lock(mutex_);
        ticket->expired = true;
        if (ticket->polling != Polling::resting) {
            return;
        }
        ticket->polling = Polling::active;
    }
    start_polling(ticket);
}

bool ParkedRequests::release(const Ticket& ticket) {
    Answer dropped;  // Dies outside of the lock: it may hold the last reference to a connection.
    const std::lock_guard lock(mutex_);
    if (ticket->polling == Polling::over) {
        return false;
    }
    forget(ticket);
    dropped = std::move(ticket->answer);
    return true;
}

void ParkedRequests::forget(const Ticket& ticket) {
    ticket->polling = Polling::over;
    const auto found = watchers_.find(ticket->key);
    std::erase(found->second, ticket);
    if (found->second.empty()) {
        watchers_.erase(found);
    }
    --waiting_;
}

void ParkedRequests::committed(const Transaction& transaction) noexcept {
    if (waiting_ == 0) {
        return;
    }
    for (const Write& write : transaction.writes) {
        if (!std::holds_alternative<Check>(write)) {
            const RowKey& key = key_of(write);
            touch(key.table, key.partition);
        }
    }
}

void ParkedRequests::touch(std::string_view table, std::string_view partition) {
    thread_local std::string key;
    write_key(key, table, partition);
    std::vector<Ticket> woken;
    {
        const std::lock_guard lock(mutex_);
        const auto found = watchers_.find(key);
        if (found == watchers_.end()) {
            return;
        }
        for (const Ticket& ticket : found->second) {
            ticket->touched = true;
            if (ticket->polling == Polling::resting) {
                ticket->polling = Polling::active;
                woken.push_back(ticket);
            }
        }
    }
    for (const Ticket& ticket : woken) {
        start_polling(ticket);
    }
}

}  // namespace souk::http_edge
