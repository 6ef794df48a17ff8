#pragma once

#include <cstdint>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/ledger.h"

/// How many there are of one variant, as atomic counters of its stock row. All changes are sums
/// with floors, so buyers of the same thing do not wait for each other and none can take what is
/// not there.
namespace souk::products {

/// Always on_hand = available + reserved, and none is negative. Units: pieces.
struct Stock {
    std::int64_t available = 0;  // Nobody has it.
    std::int64_t reserved = 0;   // Promised to an order.
    std::int64_t on_hand = 0;
    bool kept = false;  // Whether there is a stock row at all.

    friend bool operator==(const Stock&, const Stock&) = default;
};

[[nodiscard]] Stock stock_from(const Counters& counters);
/// The counters of a new stock row.
[[nodiscard]] Counters counters_from(std::int64_t on_hand);

/// `quantity` from available to reserved; `available` may not fall below `available_floor`.
[[nodiscard]] std::vector<CounterChange> reserved(std::int64_t quantity,
                                                  std::int64_t available_floor);
/// From reserved back to available.
[[nodiscard]] std::vector<CounterChange> given_back(std::int64_t quantity);
/// Reserved and now gone.
[[nodiscard]] std::vector<CounterChange> sold(std::int64_t quantity);
/// Received (or, negative, lost): available and on hand change together.
[[nodiscard]] std::vector<CounterChange> received(std::int64_t delta, std::int64_t available_floor);
/// As `received`, but happens only while on hand is exactly `expected`. A counter's floor bounds it
/// from below; its mirror, on_hand_negated, bounds it from above: together they compare and swap
/// without a lock.
[[nodiscard]] std::vector<CounterChange> received_if(std::int64_t expected, std::int64_t delta,
                                                     std::int64_t available_floor);

/// What taking `quantity` from `available` units means for the low-stock warning.
struct LowStock {
    bool crossed = false;  // From above the threshold to it or below.
    std::int64_t available_floor =
        0;  // With this floor no concurrent change can make `crossed` miss a crossing.
};
[[nodiscard]] LowStock low_stock(std::int64_t available, std::int64_t quantity,
                                 std::int64_t threshold);

}  // namespace souk::products
