#pragma once

#include <optional>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::testing {

/// A ledger whose process dies: after `commits_left` further commits every one fails.
class MortalLedger final : public Ledger {
public:
    explicit MortalLedger(Ledger& inner) : inner_(inner) {}
    int commits_left = -1;  // Negative: immortal.
    int commits = 0;
    std::size_t rows_read = 0;

    Result<std::optional<Row>> get(const RowKey& key) override {
        ++rows_read;
        return inner_.get(key);
    }
    Result<std::vector<std::optional<Row>>> get_many(const std::vector<RowKey>& keys) override {
        rows_read += keys.size();
        return inner_.get_many(keys);
    }
    Result<Page> query(const Query& query) override {
        auto page = inner_.query(query);
        rows_read += page ? page->rows.size() : 0;
        return page;
    }
    Result<void> commit(const Transaction& transaction) override {
        if (commits_left == 0) {
            return fail(souk::errors::ledger_unavailable, "The process is dead.");
        }
        if (commits_left > 0) {
            --commits_left;
        }
        ++commits;
        return inner_.commit(transaction);
    }

private:
    Ledger& inner_;
};

}  // namespace souk::testing
