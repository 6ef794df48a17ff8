#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace souk::http_edge {

/// Threads for work that waits. They are made when work first needs them and sleep when there is
/// none.
class WorkerPool {
public:
    using Job = std::move_only_function<void()>;

    /// At most `threads_max` threads (at least one) and `queue_max` new jobs without a thread.
    WorkerPool(std::size_t threads_max, std::size_t queue_max);
    ~WorkerPool() { stop(); }
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// For new work: false, and the job is gone, when too much is waiting already.
    [[nodiscard]] bool offer(Job job);
    /// For the next part of what was taken on already, which is never refused.
    void resume(Job job);
    /// Waits for the jobs that run and drops those that wait. Repeat: does nothing.
    void stop();

private:
    void enqueue(Job job, std::unique_lock<std::mutex>& lock);
    void add_thread();
    void work();

    const std::size_t threads_max_;
    const std::size_t queue_max_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;  // Threads that can take a job: new, asleep or just woken.
    bool stopped_ = false;
};

}  // namespace souk::http_edge
