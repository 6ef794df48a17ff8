#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "domain/ports/ledger.h"

namespace souk::testing {

/// Lets somebody act once right before, and once right after, the next commit that succeeds.
class OvertakenLedger final : public Ledger {
public:
    explicit OvertakenLedger(Ledger& inner) : inner_(inner) {}
    std::function<void()> before_commit;
    std::function<void()> after_commit;

    [[nodiscard]] Result<std::optional<Row>> get(const RowKey& key) override {
        return inner_.get(key);
    }
    [[nodiscard]] Result<std::vector<std::optional<Row>>> get_many(
        const std::vector<RowKey>& keys) override {
        return inner_.get_many(keys);
    }
    [[nodiscard]] Result<Page> query(const Query& query) override { return inner_.query(query); }
    [[nodiscard]] Result<void> commit(const Transaction& transaction) override {
        if (const auto once = std::exchange(before_commit, {})) {
            once();
        }
        TRY(inner_.commit(transaction));
        if (const auto once = std::exchange(after_commit, {})) {
            once();
        }
        return {};
    }

private:
    Ledger& inner_;
};

}  // namespace souk::testing
