#include <utility>

#include "adapters/accounts/password_rules.h"
#include "adapters/identity_local/local_identity.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

Result<std::optional<IssuedCode>> LocalIdentity::forgot_password(const Realm& realm,
                                                                 std::string_view email) {
    return verbs_.issue_code(realm, email, CodePurpose::reset_password);
}

Result<void> LocalIdentity::confirm_forgot_password(const Realm& realm, std::string_view email,
                                                    std::string_view code,
                                                    std::string_view new_password,
                                                    std::string_view once) {
    const std::string address = ascii_lower(email);
    TRY(check_password(new_password, address));
    const auto redeem = [&]() -> Result<Change<bool>> {
        auto record = TRY(accounts_.by_email(realm, address));
        if (record && record->changed_by(once)) {
            return Change<bool>{true, {}};
        }
        const auto user = record ? std::optional(record->account.user) : std::nullopt;
        Change<bool> change{false, {}};
        if (TRY(codes_.redeem(change.changes, realm, user, CodePurpose::reset_password, code))) {
            record->password_hash = TRY(hasher_.hash(new_password));
            ++record->session_epoch;
            record->once = once;
            accounts_.update(change.changes, realm, *record);
            change.value = true;
        }
        return change;
    };
    if (!TRY(perform(ledger_, redeem))) {
        return fail(errors::invalid_code, "The code is wrong, expired or used up.");
    }
    return {};
}

Result<void> LocalIdentity::change_password(const Realm& realm, const UserId& user,
                                            std::string_view password,
                                            std::string_view new_password, std::string_view once) {
    const auto record = TRY(accounts_.by_user(realm, user));
    if (record && record->changed_by(once)) {
        return {};
    }
    // Under the same name as sign-ins: both guess at the same password.
    const Attempt attempt = TRY(begin_attempt(realm, record ? record->account.email : user.text()));
    const auto proven = authenticated(record, password);
    if (!proven) {
        if (proven.error().code != errors::invalid_credentials) {
            forgive(attempt);
        }
        return fail(proven.error());
    }
    forgive(attempt);
    TRY(check_password(new_password, proven->account.email));
    const std::string hash = TRY(hasher_.hash(new_password));
    const auto replace = [&]() -> Result<Change<Done>> {
        auto current = TRY(accounts_.by_user(realm, user));
        if (current && current->changed_by(once)) {
            return Change<Done>{};
        }
        if (!current || current->password_hash != proven->password_hash) {
            return fail(errors::invalid_credentials,
                        "The password was changed by someone else meanwhile.");
        }
        current->password_hash = hash;
        ++current->session_epoch;
        current->once = once;
        Changes changes;
        accounts_.update(changes, realm, *current);
        return Change<Done>{{}, std::move(changes)};
    };
    TRY(perform(ledger_, replace));
    return {};
}

}  // namespace souk
