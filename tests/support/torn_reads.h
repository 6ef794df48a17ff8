#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "support/forwarding_ledger.h"

namespace souk::testing {

/// Reads the first row of a query, then lets somebody commit, then reads the rest: as DynamoDB may.
class TornReads final : public ForwardingLedger {
public:
    using ForwardingLedger::ForwardingLedger;
    std::function<void()> between;

    [[nodiscard]] Result<Page> query(const Query& query) override {
        const auto commit = std::exchange(between, {});
        if (!commit) {
            return ForwardingLedger::query(query);
        }
        Query part = query;
        part.limit = 1;
        Page page = TRY(ForwardingLedger::query(part));
        commit();
        part.limit = query.limit - 1;
        part.cursor = page.cursor.value_or("");
        Page rest = TRY(ForwardingLedger::query(part));
        std::ranges::move(rest.rows, std::back_inserter(page.rows));
        page.cursor = rest.cursor;
        return page;
    }
};

}  // namespace souk::testing
