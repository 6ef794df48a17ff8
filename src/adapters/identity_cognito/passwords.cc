#include <utility>

#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/identity_cognito/pool_password.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

Result<std::optional<IssuedCode>> CognitoIdentity::forgot_password(const Realm& realm,
                                                                   std::string_view email) {
    return verbs_.issue_code(realm, email, CodePurpose::reset_password);
}

Result<void> CognitoIdentity::confirm_forgot_password(const Realm& realm, std::string_view email,
                                                      std::string_view code,
                                                      std::string_view new_password) {
    const std::string address = ascii_lower(email);
    TRY(check_pool_password(new_password, address));
    using Outcome = std::optional<AccountRecord>;
    const auto redeem = [&]() -> Result<Change<Outcome>> {
        auto record = TRY(accounts_.by_email(realm, address));
        const auto user = record ? std::optional(record->account.user) : std::nullopt;
        Change<Outcome> change;
        if (TRY(codes_.redeem(change.changes, realm, user, CodePurpose::reset_password, code))) {
            ++record->session_epoch;
            accounts_.update(change.changes, realm, *record);
            change.value = std::move(record);
        }
        return change;
    };
    const auto record = TRY(perform(ledger_, redeem));
    if (!record) {
        return fail(errors::invalid_code, "The code is wrong, expired or used up.");
    }
    TRY(pool_.set_password(record->provider_name, new_password));
    // Also ends what a sign-in with the old password, under way all the while, has got.
    pool_.end_sessions(record->provider_name);
    return {};
}

Result<void> CognitoIdentity::change_password(const Realm& realm, const UserId& user,
                                              std::string_view password,
                                              std::string_view new_password) {
    const auto record = TRY(accounts_.by_user(realm, user));
    // Under the same name as sign-ins: both guess at the same password.
    const std::string subject = record ? record->account.email : user.text();
    const Attempt attempt = TRY(attempts_.admit(realm, subject));
    const auto given = authenticate(realm, record, subject, password);
    if (given || given.error().code != errors::invalid_credentials) {
        forgive(attempt);
    }
    if (!given) {
        return fail(given.error());
    }
    TRY(check_pool_password(new_password, record->account.email));
    const auto end_sessions = [&]() -> Result<Change<Done>> {
        auto current = TRY(accounts_.by_user(realm, user));
        if (!current || current->session_epoch != record->session_epoch ||
            current->provider_name != record->provider_name) {
            return fail(errors::invalid_credentials,
                        "The password was changed by someone else meanwhile.");
        }
        ++current->session_epoch;
        Changes changes;
        accounts_.update(changes, realm, *current);
        return Change<Done>{{}, std::move(changes)};
    };
    TRY(perform(ledger_, end_sessions));
    TRY(pool_.set_password(record->provider_name, new_password));
    pool_.end_sessions(record->provider_name);
    return {};
}

Result<std::string> CognitoIdentity::enroll_totp(const Realm& realm, const UserId& user) {
    return verbs_.enroll_totp(realm, user);
}

Result<void> CognitoIdentity::confirm_totp(const Realm& realm, const UserId& user,
                                           std::string_view code) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::pending);
}

Result<void> CognitoIdentity::remove_totp(const Realm& realm, const UserId& user,
                                          std::string_view code) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::in_force);
}

Result<void> CognitoIdentity::prove_totp(const Realm& realm, const UserId& user,
                                         std::string_view code, AccountVerbs::TotpSecret which) {
    const Attempt attempt = TRY(attempts_.admit(realm, cat("totp ", user.text())));
    auto proven = verbs_.prove_totp(realm, user, code, which);
    if (proven || proven.error().code != errors::invalid_code) {
        forgive(attempt);
    }
    return proven;
}

}  // namespace souk
