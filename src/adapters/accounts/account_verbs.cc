#include "adapters/accounts/account_verbs.h"

#include <utility>

#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

AccountVerbs::AccountVerbs(const ServiceLedger& ledger, const AccountRows& rows,
                           const CodeRows& codes)
    : ledger_(ledger), rows_(rows), codes_(codes), environment_(ledger.environment()) {}

Result<std::optional<Account>> AccountVerbs::account(const Realm& realm, const UserId& user) const {
    const auto record = TRY(rows_.by_user(realm, user));
    return record ? std::optional(shown(*record)) : std::nullopt;
}

Result<std::optional<Account>> AccountVerbs::account_by_email(const Realm& realm,
                                                              std::string_view email) const {
    const auto record = TRY(rows_.by_email(realm, ascii_lower(email)));
    return record ? std::optional(shown(*record)) : std::nullopt;
}

AccountRecord AccountVerbs::fresh_account(std::string_view email) const {
    AccountRecord record{.account = {.user = environment_.fresh<UserId>(),
                                     .email = std::string(email),
                                     .name = {},
                                     .created_at = environment_.now()},
                         .password_hash = {},
                         .provider_name = {},
                         .totp_secret = {},
                         .totp_pending = {}};
    return record;
}

Result<std::optional<IssuedCode>> AccountVerbs::issue_code(const Realm& realm,
                                                           std::string_view email,
                                                           CodePurpose purpose) const {
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return std::nullopt;
    }
    using Outcome = std::optional<IssuedCode>;
    return perform(ledger_, [&]() -> Result<Change<Outcome>> {
        auto allowance = TRY(codes_.allowance(realm, address, purpose));
        const auto record = TRY(rows_.by_email(realm, address));
        Change<Outcome> change;
        codes_.charge(change.changes, realm, address, purpose, std::move(allowance));
        const bool due =
            record && (purpose == CodePurpose::reset_password || !record->account.confirmed);
        if (due) {
            change.value = IssuedCode{
                .user = record->account.user,
                .email = record->account.email,
                .name = record->account.name,
                .code = codes_.issue(change.changes, realm, record->account.user, purpose)};
        }
        return change;
    });
}

Result<Account> AccountVerbs::confirm_sign_up(const Realm& realm, std::string_view email,
                                              std::string_view code, std::string_view once) const {
    const std::string address = ascii_lower(email);
    using Outcome = std::optional<Account>;
    const auto confirm = [&]() -> Result<Change<Outcome>> {
        auto record = TRY(rows_.by_email(realm, address));
        if (record && record->changed_by(once)) {
            return Change<Outcome>{shown(*record), {}};
        }
        const auto user = record ? std::optional(record->account.user) : std::nullopt;
        Change<Outcome> change;
        if (TRY(codes_.redeem(change.changes, realm, user, CodePurpose::confirm_sign_up, code))) {
            record->account.confirmed = true;
            record->once = once;
            rows_.update(change.changes, realm, *record);
            change.value = shown(*record);
        }
        return change;
    };
    auto confirmed = TRY(perform(ledger_, confirm));
    if (!confirmed) {
        return fail(errors::invalid_code, "The code is wrong, expired or used up.");
    }
    return *std::move(confirmed);
}

}  // namespace souk
