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
                                                      std::string_view new_password,
                                                      std::string_view once) {
    const std::string address = ascii_lower(email);
    TRY(check_pool_password(new_password, address));
    const auto is_done = [&]() -> Result<bool> {
        const auto record = TRY(accounts_.by_email(realm, address));
        return record && record->changed_by(once);
    };
    if (TRY(is_done())) {
        return {};
    }
    const auto redeem = [&]() -> Result<Entitled> {
        auto record = TRY(accounts_.by_email(realm, address));
        const auto user = record ? std::optional(record->account.user) : std::nullopt;
        Entitled entitled;
        if (TRY(codes_.redeem(entitled.changes, realm, user, CodePurpose::reset_password, code))) {
            entitled.value = std::move(record);
        }
        return entitled;
    };
    const auto look = [&]() -> Result<Entitled> {
        Entitled seen = TRY(redeem());
        if (seen.value) {
            seen.changes = {};  // The pool may be away: only a wrong code costs something yet.
        }
        return seen;
    };
    const auto record = TRY(perform(ledger_, look));
    const auto replace = [&]() -> Result<Entitled> {
        Entitled entitled = TRY(redeem());
        if (entitled.value) {
            entitled.value->once = once;
        }
        if (entitled.value && entitled.value->provider_name != record->provider_name) {
            return fail(errors::contention, "The password is being replaced; try again.");
        }
        return entitled;
    };
    if (!record || !TRY(replace_password(realm, *record, new_password, replace))) {
        if (TRY(is_done())) {
            return {};  // By another try of the same request.
        }
        return fail(errors::invalid_code, "The code is wrong, expired or used up.");
    }
    return {};
}

Result<void> CognitoIdentity::change_password(const Realm& realm, const UserId& user,
                                              std::string_view password,
                                              std::string_view new_password,
                                              std::string_view once) {
    const auto record = TRY(accounts_.by_user(realm, user));
    // By this try of the request, or by another one meanwhile.
    const auto is_done = [&]() -> Result<bool> {
        const auto now = TRY(accounts_.by_user(realm, user));
        return now && now->changed_by(once);
    };
    if (record && record->changed_by(once)) {
        return {};
    }
    // Under the same name as sign-ins: both guess at the same password.
    const std::string subject = record ? record->account.email : user.text();
    const Attempt attempt = TRY(attempts_.admit(realm, subject));
    const auto given = authenticate(realm, record, subject, password);
    if (given || given.error().code != errors::invalid_credentials) {
        forgive(attempt);
    }
    if (!given && TRY(is_done())) {
        forgive(attempt);
        return {};
    }
    if (!given) {
        return fail(given.error());
    }
    TRY(check_pool_password(new_password, record->account.email));
    const auto unchanged = [&]() -> Result<Entitled> {
        auto current = TRY(accounts_.by_user(realm, user));
        if (!current || current->session_epoch != record->session_epoch ||
            current->provider_name != record->provider_name) {
            return fail(errors::invalid_credentials,
                        "The password was changed by someone else meanwhile.");
        }
        current->once = once;
        return Entitled{std::move(current), {}};
    };
    const auto replaced = replace_password(realm, *record, new_password, unchanged);
    if (!replaced && !TRY(is_done())) {
        return fail(replaced.error());
    }
    return {};
}

Result<bool> CognitoIdentity::replace_password(const Realm& realm, const AccountRecord& seen,
                                               std::string_view new_password,
                                               const std::function<Result<Entitled>()>& entitle) {
    const Account& account = seen.account;
    if (account.platform_admin) {
        TRY(pool_.set_password(seen.provider_name, new_password));
    }
    const std::string made =
        account.platform_admin
            ? seen.provider_name
            : TRY(make_pool_user(realm, account.user, account.email, new_password));
    const auto replaced = perform(ledger_, [&]() -> Result<Change<Registration>> {
        Entitled entitled = TRY(entitle());
        Change<Registration> change;
        change.changes = std::move(entitled.changes);
        change.value.outcome = Registration::Outcome::refused;
        if (entitled.value) {
            change.value.outcome = Registration::Outcome::kept;
            change.value.former = std::exchange(entitled.value->provider_name, made);
            ++entitled.value->session_epoch;
            accounts_.update(change.changes, realm, *entitled.value);
        }
        return change;
    });
    if (!account.platform_admin) {
        settle(replaced, made);
    }
    if (!replaced) {
        return fail(replaced.error());
    }
    if (account.platform_admin) {
        pool_.end_sessions(made);
    }
    return replaced->outcome == Registration::Outcome::kept;
}

Result<std::string> CognitoIdentity::enroll_totp(const Realm& realm, const UserId& user) {
    return verbs_.enroll_totp(realm, user);
}

Result<void> CognitoIdentity::confirm_totp(const Realm& realm, const UserId& user,
                                           std::string_view code, std::string_view once) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::pending, once);
}

Result<void> CognitoIdentity::remove_totp(const Realm& realm, const UserId& user,
                                          std::string_view code, std::string_view once) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::in_force, once);
}

Result<void> CognitoIdentity::prove_totp(const Realm& realm, const UserId& user,
                                         std::string_view code, AccountVerbs::TotpSecret which,
                                         std::string_view once) {
    const Attempt attempt = TRY(attempts_.admit(realm, cat("totp ", user.text())));
    auto proven = verbs_.prove_totp(realm, user, code, which, once);
    if (proven || proven.error().code != errors::invalid_code) {
        forgive(attempt);
    }
    return proven;
}

}  // namespace souk
