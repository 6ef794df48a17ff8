#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/accounts/account_rows.h"

namespace souk {

/// One admitted try, and what it is counted under.
struct Attempt {
    Realm realm;
    std::string subject;  // Hashed.
    Instant at;
};

/// Counts failed tries per realm and subject (an account, known or not) in a sliding minute, in the
/// ledger, so that all processes count together and a restart forgets nothing. A try counts as
/// failed from the moment it is admitted until it is forgiven, so tries made at the same time
/// cannot slip past each other. Costs a read and a relaxed commit each.
class AttemptRows {
public:
    /// Units: failed tries a minute.
    AttemptRows(const ServiceLedger& ledger, const AccountRows& rows, std::size_t failures_max)
        : ledger_(ledger), rows_(rows), failures_max_(failures_max) {}

    /// Errors: rate_limited, with the seconds to wait in the problem's member `retry_after`.
    [[nodiscard]] Result<Attempt> admit(const Realm& realm, std::string_view subject) const;
    /// The try turned out not to be a failed one.
    [[nodiscard]] Result<void> forgive(const Attempt& attempt) const;

private:
    ServiceLedger ledger_;
    AccountRows rows_;
    std::size_t failures_max_;
};

}  // namespace souk
