#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/accounts/records.h"
#include "domain/ports/store_ledger.h"

namespace souk {

/// The accounts of all realms: rows `<realm>#<user>/account`, and one marker row per e-mail that
/// keeps it unique in its realm. Reads are of now; writes are gathered into a commit.
class AccountRows {
public:
    AccountRows(const ServiceLedger& ledger, AllStores all_stores);

    /// The rows of one realm, behind its wall.
    [[nodiscard]] WalledLedger of(const Realm& realm) const;

    [[nodiscard]] Result<std::optional<AccountRecord>> by_user(const Realm& realm,
                                                               const UserId& user) const;
    /// Shape: `email` in lower case.
    [[nodiscard]] Result<std::optional<AccountRecord>> by_email(const Realm& realm,
                                                                std::string_view email) const;

    /// The commit conflicts if the e-mail is taken by then.
    void add(Changes& changes, const Realm& realm, const AccountRecord& record) const;
    /// The commit conflicts if the account has changed since it was read.
    void update(Changes& changes, const Realm& realm, const AccountRecord& record) const;
    void check(Changes& changes, const Realm& realm, const AccountRecord& record) const;

private:
    ServiceLedger ledger_;
    AllStores all_stores_;
};

}  // namespace souk
