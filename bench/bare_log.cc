// The yardstick of durable writes: 64 writers append records to one file, and one thread calls
// fdatasync for all that wait. Nothing else: no keys, no index, no HTTP.
//
//   bare_log FILE WRITERS BYTES SECONDS     prints appends per second

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

class GroupedLog {
public:
    explicit GroupedLog(const char* file)
        : file_(::open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600)) {
        syncer_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    ~GroupedLog() {
        syncer_.request_stop();
        changed_.notify_all();
        syncer_.join();
        ::close(file_);
    }
    GroupedLog(const GroupedLog&) = delete;
    GroupedLog& operator=(const GroupedLog&) = delete;

    void append(const std::string& record) {
        std::unique_lock lock(mutex_);
        waiting_ += record;
        const std::uint64_t mine = round_;
        changed_.notify_one();
        done_.wait(lock, [&] { return synced_ > mine; });
    }

private:
    void run(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            changed_.wait(lock, stop, [&] { return !waiting_.empty(); });
            const std::string batch = std::move(waiting_);
            waiting_.clear();
            const std::uint64_t round = ++round_;
            lock.unlock();
            if (::write(file_, batch.data(), batch.size()) < 0 || ::fdatasync(file_) != 0) {
                std::perror("bare_log");
                std::exit(1);
            }
            lock.lock();
            synced_ = round;
            done_.notify_all();
        }
    }

    int file_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::condition_variable done_;
    std::string waiting_;
    std::uint64_t round_ = 0, synced_ = 0;
    std::jthread syncer_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fputs("usage: bare_log FILE WRITERS BYTES SECONDS\n", stderr);
        return 64;
    }
    const int writers = std::atoi(argv[2]);
    const std::string record(static_cast<std::size_t>(std::atoi(argv[3])), 'x');
    const std::chrono::seconds length(std::atoi(argv[4]));
    std::atomic<std::uint64_t> appended = 0;
    {
        GroupedLog log(argv[1]);
        const auto end = std::chrono::steady_clock::now() + length;
        std::vector<std::jthread> threads;
        for (int i = 0; i < writers; ++i) {
            threads.emplace_back([&] {
                while (std::chrono::steady_clock::now() < end) {
                    log.append(record);
                    ++appended;
                }
            });
        }
        threads.clear();
    }
    std::printf("%llu\n", static_cast<unsigned long long>(
                              appended / static_cast<std::uint64_t>(length.count())));
    return 0;
}
