#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/ports/http.h"
#include "domain/ports/ledger.h"
#include "domain/ports/telemetry.h"

namespace souk::http_edge {

class WorkerPool;

/// The deferred responses that wait for a commit. Holds no thread while they wait; each is polled
/// on a worker, never twice at a time, and once more for every commit that its last poll may have
/// missed.
class ParkedRequests final : public CommitObserver {
public:
    /// Called at most once, on a worker: the better response, or nothing when time ran out.
    using Answer = std::move_only_function<void(std::optional<Response>)>;
    struct Entry;
    using Ticket = std::shared_ptr<Entry>;

    ParkedRequests(WorkerPool& workers, Telemetry& telemetry)
        : workers_(workers), telemetry_(telemetry) {}

    /// Watches, and polls for the first time right away.
    [[nodiscard]] Ticket park(std::shared_ptr<const Deferred> deferred, Answer answer);
    /// Polls a last time, then answers whatever came of it.
    void expire(const Ticket& ticket);
    /// Whether the ticket was still waiting; then its answer will never be called.
    bool release(const Ticket& ticket);

    void committed(const Transaction& transaction) noexcept override;

private:
    void touch(std::string_view table, std::string_view partition);
    void start_polling(const Ticket& ticket);
    void poll(const Ticket& ticket);
    std::optional<Response> polled(const Deferred& deferred);
    void forget(const Ticket& ticket);

    WorkerPool& workers_;
    Telemetry& telemetry_;
    std::atomic<std::size_t> waiting_{0};
    std::mutex mutex_;
    std::unordered_map<std::string, std::vector<Ticket>> watchers_;  // By table and partition.
};

}  // namespace souk::http_edge
