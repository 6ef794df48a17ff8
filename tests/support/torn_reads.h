#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "domain/ports/ledger.h"

namespace souk::testing {

/// Reads the first row of a query, then lets somebody commit, then reads the rest: as DynamoDB may.
class TornReads final : public Ledger {
public:
    explicit TornReads(Ledger& inner) : inner_(inner) {}
    std::function<void()> between;

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override {
        return inner_.get(key);
    }
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override {
        return inner_.get_many(keys);
    }
    [[nodiscard]] Result<Page> query(const Query& query) override {
        const auto commit = std::exchange(between, {});
        if (!commit) {
            return inner_.query(query);
        }
        Query part = query;
        part.limit = 1;
        Page page = TRY(inner_.query(part));
        commit();
        part.limit = query.limit - 1;
        part.cursor = page.cursor.value_or("");
        Page rest = TRY(inner_.query(part));
        std::ranges::move(rest.rows, std::back_inserter(page.rows));
        page.cursor = rest.cursor;
        return page;
    }
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override {
        return inner_.commit(transaction);
    }

private:
    Ledger& inner_;
};

}  // namespace souk::testing
