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

/// What counts as one client of those that show no credential: an IPv4 address, or the /64 network
/// of an IPv6 one, since whoever has one address of it has them all. Any other text is itself.
/// Source: RFC 6177 (a site has a /64 at least).
[[nodiscard]] std::string client_at(std::string_view peer);

/// Token buckets by name (a key, a customer, an address). Memory is bounded: of too many buckets,
/// those that spent least are forgotten. Thread-safe.
class Throttle {
public:
    explicit Throttle(Rate rate) : rate_(rate) {}

    struct Verdict {
        bool allowed = true;
        std::int64_t remaining = 0;      // Requests left at once.
        std::int64_t retry_after_s = 0;  // Until one more is let in; 0: at once.
    };
    Verdict take(std::string_view who, Instant now);
    /// Takes nothing: for a request that was counted before.
    [[nodiscard]] Verdict standing(std::string_view who, Instant now) const;
    [[nodiscard]] const Rate& rate() const { return rate_; }
    /// Buckets kept now.
    [[nodiscard]] std::size_t size() const;

    /// Buckets kept; beyond it half of them go, those with most tokens left. Unit: buckets a shard.
    static constexpr std::size_t buckets_max = 8192;

private:
    struct Bucket {
        std::int64_t spent = 0;  // Unit: thousandths of a token.
        Instant seen;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Bucket> buckets;
    };
    [[nodiscard]] std::size_t shard_of(std::string_view who) const;
    /// Of whoever is let in, with what is spent after that.
    [[nodiscard]] Verdict verdict_of(std::int64_t spent) const;
    /// What it has still spent, after what came back meanwhile.
    [[nodiscard]] std::int64_t spent_at(const Bucket& bucket, Instant now) const;
    void forget_fullest(Shard& shard, Instant now) const;

    Rate rate_;
    std::array<Shard, 16> shards_;
};

}  // namespace souk::gateway
