#include "adapters/http_server/worker_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace souk::http_edge {

WorkerPool::WorkerPool(std::size_t threads_max, std::size_t queue_max)
    : threads_max_(std::max<std::size_t>(threads_max, 1)), queue_max_(queue_max) {}

bool WorkerPool::offer(Job job) {
    std::unique_lock lock(mutex_);
    const std::size_t takers = idle_ + (threads_max_ - threads_.size());
    if (stopped_ || queue_.size() >= takers + queue_max_) {
        return false;
    }
    enqueue(std::move(job), lock);
    return true;
}

void WorkerPool::resume(Job job) {
    std::unique_lock lock(mutex_);
    if (!stopped_) {
        enqueue(std::move(job), lock);
    }
}

void WorkerPool::enqueue(Job job, std::unique_lock<std::mutex>& lock) {
    queue_.push_back(std::move(job));
    if (queue_.size() > idle_ && threads_.size() < threads_max_) {
        add_thread();
    }
    lock.unlock();
    wake_.notify_one();
}

void WorkerPool::add_thread() {
    try {
        threads_.emplace_back([this] { work(); });
        ++idle_;
    } catch (const std::system_error&) {
        // The machine has no thread left: the job waits for one of ours, unless there is none.
        if (threads_.empty()) {
            throw;
        }
    }
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
        --idle_;
        if (stopped_) {
            return;
        }
        Job job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job();
        job = nullptr;  // What it holds must not die under the lock.
        lock.lock();
        ++idle_;
    }
}

void WorkerPool::stop() {
    std::deque<Job> dropped;
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(queue_);
        threads.swap(threads_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace souk::http_edge
