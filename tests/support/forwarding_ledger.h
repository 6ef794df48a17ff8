#pragma once

#include <optional>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::testing {

/// Hands everything on to another ledger, but what a test makes of it.
class ForwardingLedger : public Ledger {
public:
    explicit ForwardingLedger(Ledger& inner) : inner_(inner) {}

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override {
        return inner_.get(key);
    }
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override {
        return inner_.get_many(keys);
    }
    [[nodiscard]] Result<Page> query(const Query& query) override { return inner_.query(query); }
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override {
        return inner_.commit(transaction);
    }

private:
    Ledger& inner_;
};

}  // namespace souk::testing
