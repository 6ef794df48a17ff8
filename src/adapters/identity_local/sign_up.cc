#include <utility>

#include "adapters/identity_local/local_identity.h"
#include "adapters/identity_local/password_rules.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

Result<SignUp> LocalIdentity::sign_up(const Realm& realm, std::string_view email,
                                      std::string_view password, std::string_view name) {
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_password(password, address));
    TRY(codes_.allowance(realm, address, CodePurpose::confirm_sign_up));
    // A known e-mail costs the hash as well, or its answer would come too early.
    const std::string hash = TRY(hasher_.hash(password));
    return perform(ledger_, [&]() -> Result<Change<SignUp>> {
        auto allowance = TRY(codes_.allowance(realm, address, CodePurpose::confirm_sign_up));
        const auto existing = TRY(accounts_.by_email(realm, address));
        AccountRecord record = existing ? *existing : fresh_account(address);
        Change<SignUp> change{
            {.known = existing.has_value(),
             .code = {.user = record.account.user, .email = address, .name = {}, .code = {}}},
            {}};
        codes_.charge(change.changes, realm, address, CodePurpose::confirm_sign_up,
                      std::move(allowance));
        if (!record.account.confirmed) {
            record.account.name = std::string(name);
            record.password_hash = hash;
            if (existing) {
                accounts_.update(change.changes, realm, record);
            } else {
                accounts_.add(change.changes, realm, record);
            }
            change.value.code.code = codes_.issue(change.changes, realm, record.account.user,
                                                  CodePurpose::confirm_sign_up);
        }
        change.value.code.name = record.account.name;
        return change;
    });
}

Result<std::optional<IssuedCode>> LocalIdentity::resend_confirmation(const Realm& realm,
                                                                     std::string_view email) {
    return issue_code(realm, email, CodePurpose::confirm_sign_up);
}

Result<Account> LocalIdentity::confirm_sign_up(const Realm& realm, std::string_view email,
                                               std::string_view code) {
    const std::string address = ascii_lower(email);
    using Outcome = std::optional<Account>;
    const auto confirm = [&]() -> Result<Change<Outcome>> {
        auto record = TRY(accounts_.by_email(realm, address));
        const auto user = record ? std::optional(record->account.user) : std::nullopt;
        Change<Outcome> change;
        if (TRY(codes_.redeem(change.changes, realm, user, CodePurpose::confirm_sign_up, code))) {
            record->account.confirmed = true;
            accounts_.update(change.changes, realm, *record);
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

Result<std::optional<IssuedCode>> LocalIdentity::issue_code(const Realm& realm,
                                                            std::string_view email,
                                                            CodePurpose purpose) {
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return std::nullopt;
    }
    using Outcome = std::optional<IssuedCode>;
    return perform(ledger_, [&]() -> Result<Change<Outcome>> {
        auto allowance = TRY(codes_.allowance(realm, address, purpose));
        const auto record = TRY(accounts_.by_email(realm, address));
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

}  // namespace souk
