#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/accounts/account_rows.h"
#include "adapters/accounts/code_rows.h"

namespace souk {

/// What every Identity does alike, wherever passwords and tokens are kept: reading accounts, mailed
/// codes, one-time codes. As in domain/ports/identity.h.
class AccountVerbs {
public:
    AccountVerbs(const ServiceLedger& ledger, const AccountRows& rows, const CodeRows& codes);

    [[nodiscard]] Result<std::optional<Account>> account(const Realm& realm,
                                                         const UserId& user) const;
    [[nodiscard]] Result<std::optional<Account>> account_by_email(const Realm& realm,
                                                                  std::string_view email) const;
    /// Unconfirmed, and not yet kept.
    [[nodiscard]] AccountRecord fresh_account(std::string_view email) const;

    /// Nothing for who is not due one. Errors: rate_limited.
    [[nodiscard]] Result<std::optional<IssuedCode>> issue_code(const Realm& realm,
                                                               std::string_view email,
                                                               CodePurpose purpose) const;
    [[nodiscard]] Result<Account> confirm_sign_up(const Realm& realm, std::string_view email,
                                                  std::string_view code,
                                                  std::string_view once) const;

    [[nodiscard]] Result<std::string> enroll_totp(const Realm& realm, const UserId& user) const;
    enum class TotpSecret { pending, in_force };
    /// Puts the pending secret in force, or takes the one in force away, if `code` is its code.
    /// Errors: invalid_code.
    [[nodiscard]] Result<void> prove_totp(const Realm& realm, const UserId& user,
                                          std::string_view code, TotpSecret which,
                                          std::string_view once) const;
    /// Uses a one-time code up in a record that has a secret in force; the caller keeps the record.
    /// Errors: totp_required.
    [[nodiscard]] Result<void> spend_totp(AccountRecord& record, std::string_view code) const;

private:
    [[nodiscard]] std::string totp_key(const UserId& user) const;
    /// The step that `code` is the code of, by a sealed secret. Errors: corrupt_row.
    [[nodiscard]] Result<std::optional<std::int64_t>> totp_step(const AccountRecord& record,
                                                                const std::string& sealed,
                                                                std::string_view code) const;

    ServiceLedger ledger_;
    AccountRows rows_;
    CodeRows codes_;
    Environment environment_;
};

}  // namespace souk
