#include "gateway/throttle.h"

#include <algorithm>
#include <functional>

namespace souk::gateway {

Throttle::Verdict Throttle::take(std::string_view who, Instant now) {
    if (rate_.per_second == 0) {
        return {};
    }
    Shard& shard = shards_[std::hash<std::string_view>{}(who) % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    if (shard.buckets.size() >= buckets_max) {
        forget_full(shard, now);
    }
    Bucket& bucket = shard.buckets[std::string(who)];
    constexpr std::int64_t cost =
        1000;  // Thousandths of a token: what one second drains at rate 1.
    const std::int64_t drained = (now - bucket.seen).count() * rate_.per_second;  // 1 ms x rate.
    bucket.spent =
        bucket.seen.unix_ms() == 0 ? 0 : std::max<std::int64_t>(0, bucket.spent - drained);
    bucket.seen = now;
    const std::int64_t capacity = rate_.burst * cost;
    if (bucket.spent + cost > capacity) {
        const std::int64_t wait_ms = (bucket.spent + cost - capacity) / rate_.per_second;
        return {false, 0, std::max<std::int64_t>(1, (wait_ms + 999) / 1000)};
    }
    bucket.spent += cost;
    return {true, (capacity - bucket.spent) / cost, 0};
}

void Throttle::forget_full(Shard& shard, Instant now) {
    // A bucket that has sat idle for a minute is as good as new at any sensible rate.
    std::erase_if(shard.buckets, [&](const auto& entry) {
        return now - entry.second.seen > std::chrono::minutes(1);
    });
    if (shard.buckets.size() >= buckets_max) {
        shard.buckets
            .clear();  // A flood of names: better to forgive some than to grow without bound.
    }
}

}  // namespace souk::gateway
