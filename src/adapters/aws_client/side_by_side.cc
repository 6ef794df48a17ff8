#include "adapters/aws_client/side_by_side.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws_client/aws_client.h"

namespace souk::aws {

void side_by_side(std::size_t count, std::size_t workers,
                  const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    const auto go_on = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            work(i);
        }
    };
    const auto deadline = DeadlineScope::current();
    const std::string trace = TraceScope::current();
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < std::min(workers, count); ++i) {
        others.push_back(std::async(std::launch::async, [&] {
            const auto until = deadline ? std::make_optional<DeadlineScope>(*deadline)
                                        : std::optional<DeadlineScope>();
            const TraceScope scope(trace);
            go_on();
        }));
    }
    go_on();
    for (auto& other : others) {
        other.get();
    }
}

}  // namespace souk::aws
