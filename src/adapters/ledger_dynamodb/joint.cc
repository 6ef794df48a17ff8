#include "adapters/ledger_dynamodb/joint.h"

#include <algorithm>

#include "adapters/ledger_dynamodb/draft.h"

namespace souk::dynamo {

namespace {

/// Whether both expectations hold or fail together, whichever of the two changes comes first.
bool agree(const Expect& one, const Expect& other) {
    return one.kind == other.kind &&
           (one.kind == Expect::Kind::any || one.kind == Expect::Kind::present);
}

/// Whether `other` has found a place among the writes.
bool put_among(std::vector<Write>& writes, const Write& other) {
    const auto same_row = std::ranges::find(writes, key_of(other), key_of);
    if (same_row == writes.end()) {
        writes.push_back(other);
        return true;
    }
    auto* const sum = std::get_if<Add>(&*same_row);
    const auto* const addend = std::get_if<Add>(&other);
    if (sum == nullptr || addend == nullptr || !agree(sum->expect, addend->expect)) {
        return false;
    }
    sum->changes.insert(sum->changes.end(), addend->changes.begin(), addend->changes.end());
    return true;
}

}  // namespace

bool Joint::take(const Transaction& other) {
    // Events go into the outbox of the table that is written.
    const std::string_view table = table_written(all_);
    if (table.empty() || table != table_written(other)) {
        return false;
    }
    Transaction next = all_;
    for (const auto& write : other.writes) {
        if (!put_among(next.writes, write)) {
            return false;
        }
    }
    next.events.insert(next.events.end(), other.events.begin(), other.events.end());
    if (!check_limits(next)) {
        return false;
    }
    all_ = std::move(next);
    return true;
}

}  // namespace souk::dynamo
