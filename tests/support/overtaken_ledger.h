#pragma once

#include <functional>
#include <utility>

#include "support/forwarding_ledger.h"

namespace souk::testing {

/// Lets somebody act once right before, and once right after, the next commit that succeeds.
class OvertakenLedger final : public ForwardingLedger {
public:
    using ForwardingLedger::ForwardingLedger;
    std::function<void()> before_commit;
    std::function<void()> after_commit;

    [[nodiscard]] Result<void> commit(const Transaction& transaction) override {
        if (const auto once = std::exchange(before_commit, {})) {
            once();
        }
        TRY(ForwardingLedger::commit(transaction));
        if (const auto once = std::exchange(after_commit, {})) {
            once();
        }
        return {};
    }
};

}  // namespace souk::testing
