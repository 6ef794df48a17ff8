#include "gateway/throttle.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "domain/base/text.h"

namespace souk::gateway {

namespace {

constexpr std::size_t groups_of_a_network = 4;
constexpr std::size_t groups_of_an_address = 8;
constexpr std::int64_t cost = 1000;  // Thousandths of a token: a second's drain at rate 1.

}  // namespace

std::string client_at(std::string_view peer) {
    if (!peer.contains(':') || peer.contains('.')) {
        return std::string(peer);
    }
    // Both halves of "a:b::c" have whole groups; what is left out between them is zeros.
    const std::size_t gap = peer.find("::");
    const std::string_view front = peer.substr(0, gap);
    const std::string_view rear = gap == std::string_view::npos ? "" : peer.substr(gap + 2);
    std::vector<std::string_view> groups =
        front.empty() ? std::vector<std::string_view>{} : split(front, ':');
    const std::vector<std::string_view> last =
        rear.empty() ? std::vector<std::string_view>{} : split(rear, ':');
    if (groups.size() + last.size() > groups_of_an_address) {
        return std::string(peer);
    }
    groups.resize(groups_of_an_address - last.size(), "0");
    groups.insert(groups.end(), last.begin(), last.end());
    groups.resize(groups_of_a_network);
    std::string network;
    for (const auto group : groups) {
        network.append(group).push_back(':');
    }
    return network.append(":/64");
}

Throttle::Verdict Throttle::take(std::string_view who, Instant now) {
    if (rate_.per_second == 0) {
        return {};
    }
    Shard& shard = shards_[shard_of(who)];
    const std::lock_guard lock(shard.mutex);
    if (shard.buckets.size() >= buckets_max) {
        forget_fullest(shard, now);
    }
    Bucket& bucket = shard.buckets[std::string(who)];
    bucket.spent = spent_at(bucket, now);
    bucket.seen = now;
    const std::int64_t capacity = rate_.burst * cost;
    if (bucket.spent + cost > capacity) {
        const std::int64_t wait_ms = (bucket.spent + cost - capacity) / rate_.per_second;
        return {false, 0, std::max<std::int64_t>(1, (wait_ms + 999) / 1000)};
    }
    bucket.spent += cost;
    return verdict_of(bucket.spent);
}

Throttle::Verdict Throttle::verdict_of(std::int64_t spent) const {
    const std::int64_t left = (rate_.burst * cost - spent) / cost;
    const std::int64_t wait_ms = left > 0 ? 0 : cost / rate_.per_second;
    return {true, left, (wait_ms + 999) / 1000};
}

Throttle::Verdict Throttle::standing(std::string_view who, Instant now) const {
    if (rate_.per_second == 0) {
        return {};
    }
    const Shard& shard = shards_[shard_of(who)];
    const std::lock_guard lock(shard.mutex);
    const auto bucket = shard.buckets.find(std::string(who));
    const std::int64_t spent = bucket == shard.buckets.end() ? 0 : spent_at(bucket->second, now);
    return verdict_of(spent);
}

std::size_t Throttle::shard_of(std::string_view who) const {
    return std::hash<std::string_view>{}(who) % shards_.size();
}

std::size_t Throttle::size() const {
    std::size_t buckets = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        buckets += shard.buckets.size();
    }
    return buckets;
}

std::int64_t Throttle::spent_at(const Bucket& bucket, Instant now) const {
    // A clock that was set back gives nothing back, and takes nothing: it is followed from there.
    const std::int64_t passed_ms = std::max<std::int64_t>(0, (now - bucket.seen).count());
    const std::int64_t drained = passed_ms * rate_.per_second;  // 1 ms x rate.
    return std::max<std::int64_t>(0, bucket.spent - drained);
}

/// A flood of names must not buy the forgetting of one that has used up its tokens.
void Throttle::forget_fullest(Shard& shard, Instant now) const {
    std::vector<std::int64_t> all;
    all.reserve(shard.buckets.size());
    for (const auto& [name, bucket] : shard.buckets) {
        all.push_back(spent_at(bucket, now));
    }
    const auto middle = all.begin() + std::ssize(all) / 2;
    std::ranges::nth_element(all, middle);
    std::size_t left = all.size() / 2;
    std::erase_if(shard.buckets, [&](const auto& entry) {
        return left > 0 && spent_at(entry.second, now) <= *middle && left-- > 0;
    });
}

}  // namespace souk::gateway
