#pragma once

#include <chrono>
#include <functional>

#include "domain/ports/store_ledger.h"

/// What follows from the clock alone: rows that have come due.
namespace souk {

/// What a sweep did with a row that had come due.
enum class Swept {
    settled,  // Or put off: it is not due any more.
    left,     // As it was: for the next sweep, or for another one.
};

/// How long a row rests that cannot be settled as it is (corrupt, say), so that a heap of such rows
/// never hides the ones behind it.
inline constexpr std::chrono::hours hopeless_rest{1};

/// Settles what has come due in any store, oldest first, at most `limit` rows. A row that fails
/// holds up no other: it is logged and left to the next sweep, or where after_failure says that
/// trying again is of no use, due again after hopeless_rest.
/// `settle` reads the row again before it decides: what it is given is from an index. Returns how
/// many rows are not due any more. Errors: the ledger's, of the index.
[[nodiscard]] Result<int> sweep_due(const ServiceLedger& ledger, const PlatformLedger& platform,
                                    Instant now, int limit,
                                    const std::function<Result<Swept>(const DueRow&)>& settle);

}  // namespace souk
