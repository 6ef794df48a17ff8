#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/ledger_dynamodb/expression.h"
#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// What an add does to one counter: its change as a whole, and the range in which the counter must
/// be before it. DynamoDB's numbers have 38 digits, so it is told where 64 bits end.
struct CounterPlan {
    static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

    std::int64_t delta = 0;
    std::int64_t least = lowest;
    std::int64_t greatest = highest;

    /// Whether a missing counter will do.
    [[nodiscard]] bool holds_zero() const { return least <= 0 && 0 <= greatest; }
    /// That the counter is in the range; empty if every number is.
    [[nodiscard]] std::string condition(const std::string& counter,
                                        Placeholders& placeholders) const;
};

/// The plan of every counter that the changes name. Changes of one counter are done in their order,
/// and each must stay within its floor. Nothing if no counter could stand the changes.
[[nodiscard]] std::optional<std::map<std::string, CounterPlan>> plans_of(
    const std::vector<CounterChange>& changes);

}  // namespace souk::dynamo
