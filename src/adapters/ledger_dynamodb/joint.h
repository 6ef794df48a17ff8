#pragma once

#include <utility>

#include "domain/ports/ledger.h"

namespace souk::dynamo {

/// Several transactions that are to happen together or not at all: what one of them alone would
/// cost, since a row that all of them count on is written once. Their adds to one row become one,
/// in their order, so each floor is kept as if they had come one after the other.
class Joint {
public:
    explicit Joint(const Transaction& first) : all_(first) {}

    /// Takes it along, unless it writes another table, does not fit the limits of a commit
    /// beside the others, or writes a row of theirs in a way that does not add up.
    [[nodiscard]] bool take(const Transaction& other);
    /// All of them; the token is the first one's.
    [[nodiscard]] Transaction release() { return std::move(all_); }

private:
    Transaction all_;
};

}  // namespace souk::dynamo
