#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/accounts/account_rows.h"

namespace souk {

/// What a mailed code proves.
enum class CodePurpose { confirm_sign_up, reset_password };

/// How often codes are made for one e-mail address and purpose, known or not. Source: OWASP Forgot
/// Password.
inline constexpr std::size_t codes_per_hour_max = 5;

/// When codes were asked for in the last hour, as read; see CodeRows::allowance.
struct CodeAllowance {
    std::vector<Instant> asked;
    std::uint64_t version = 0;  // 0: no row.
};

/// Six-digit codes by mail: kept as a keyed hash, alive for code_life and code_tries_max tries, one
/// at a time per account and purpose. What unknown accounts ask for costs the same reads and one
/// commit, too.
class CodeRows {
public:
    CodeRows(const AccountRows& rows, const Environment& environment);

    /// Errors: rate_limited (with `retry_after`) when too many codes were asked for this hour.
    [[nodiscard]] Result<CodeAllowance> allowance(const Realm& realm, std::string_view email,
                                                  CodePurpose purpose) const;
    /// Counts one more. The commit conflicts if another was counted since `allowance` was read.
    void charge(Changes& changes, const Realm& realm, std::string_view email, CodePurpose purpose,
                CodeAllowance allowance) const;
    /// A new code, which replaces the former one.
    [[nodiscard]] std::string issue(Changes& changes, const Realm& realm, const UserId& user,
                                    CodePurpose purpose) const;
    /// Whether `code` is the live one of `user`; then it is used up by the commit, else a try is.
    [[nodiscard]] Result<bool> redeem(Changes& changes, const Realm& realm,
                                      const std::optional<UserId>& user, CodePurpose purpose,
                                      std::string_view code) const;

private:
    [[nodiscard]] std::string mac(const Realm& realm, const UserId& user, CodePurpose purpose,
                                  std::string_view code) const;

    AccountRows rows_;
    Environment environment_;
    std::string key_;
};

}  // namespace souk
