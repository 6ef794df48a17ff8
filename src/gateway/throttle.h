#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/base/instant.h"

namespace souk::gateway {

/// A token bucket's shape. Units: requests a second on average, requests at once.
struct Rate {
    std::int64_t per_second = 0;  // 0 turns the limit off.
    std::int64_t burst = 0;
};

/// Token buckets by name (a key, a customer, an address). Memory is bounded: full buckets are
/// forgotten. Thread-safe.
class Throttle {
public:
    explicit Throttle(Rate rate) : rate_(rate) {}

    struct Verdict {
        bool allowed = true;
        std::int64_t remaining = 0;      // Requests left at once.
        std::int64_t retry_after_s = 0;  // When not allowed.
    };
    Verdict take(std::string_view who, Instant now);
    [[nodiscard]] const Rate& rate() const { return rate_; }

    /// Buckets kept; beyond it those that have been full the longest go first. Unit: buckets a
    /// shard.
    static constexpr std::size_t buckets_max = 8192;

private:
    struct Bucket {
        std::int64_t spent = 0;  // Unit: thousandths of a token.
        Instant seen;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Bucket> buckets;
    };
    static void forget_full(Shard& shard, Instant now);

    Rate rate_;
    std::array<Shard, 16> shards_;
};

}  // namespace souk::gateway
