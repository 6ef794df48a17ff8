#include <utility>

#include "adapters/accounts/password_rules.h"
#include "adapters/identity_local/local_identity.h"
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
        AccountRecord record = existing ? *existing : verbs_.fresh_account(address);
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
    return verbs_.issue_code(realm, email, CodePurpose::confirm_sign_up);
}

Result<Account> LocalIdentity::confirm_sign_up(const Realm& realm, std::string_view email,
                                               std::string_view code, std::string_view once) {
    return verbs_.confirm_sign_up(realm, email, code, once);
}

}  // namespace souk
