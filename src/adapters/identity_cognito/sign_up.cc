#include <utility>

#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/identity_cognito/pool_password.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

/// How often a sign-up starts anew because another one made the account meanwhile.
constexpr int sign_up_races_max = 5;
constexpr std::size_t tag_bytes = 5;

std::unexpected<Error> lost_races() {
    return fail(errors::contention, "This e-mail address is being signed up; try again.");
}

}  // namespace

Result<SignUp> CognitoIdentity::sign_up(const Realm& realm, std::string_view email,
                                        std::string_view password, std::string_view name) {
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_pool_password(password, address));
    TRY(codes_.allowance(realm, address, CodePurpose::confirm_sign_up));
    for (int race = 0; race < sign_up_races_max; ++race) {
        const auto existing = TRY(accounts_.by_email(realm, address));
        const UserId user = existing ? existing->account.user : environment_.fresh<UserId>();
        std::string made;
        if (existing && existing->account.confirmed) {
            TRY(pretend_pool_user(realm, *existing, password));
        } else {
            made = TRY(make_pool_user(realm, user, address, password));
        }
        const auto registered = register_sign_up(realm, address, name, user, made);
        settle(registered, made);
        if (!registered) {
            return fail(registered.error());
        }
        if (registered->outcome != Registration::Outcome::taken) {
            return *registered->sign_up;
        }
    }
    return lost_races();
}

Result<CognitoIdentity::Registration> CognitoIdentity::register_sign_up(const Realm& realm,
                                                                        const std::string& email,
                                                                        std::string_view name,
                                                                        const UserId& user,
                                                                        const std::string& made) {
    return perform(ledger_, [&]() -> Result<Change<Registration>> {
        auto allowance = TRY(codes_.allowance(realm, email, CodePurpose::confirm_sign_up));
        const auto existing = TRY(accounts_.by_email(realm, email));
        AccountRecord record = existing ? *existing : verbs_.fresh_account(email);
        if (!existing) {
            record.account.user = user;
        }
        Change<Registration> change;
        if (!record.account.confirmed && (made.empty() || record.account.user != user)) {
            return change;
        }
        Registration& done = change.value;
        SignUp& sign_up = done.sign_up.emplace(
            SignUp{.known = existing.has_value(),
                   .code = {.user = record.account.user, .email = email, .name = {}, .code = {}}});
        codes_.charge(change.changes, realm, email, CodePurpose::confirm_sign_up,
                      std::move(allowance));
        if (record.account.confirmed) {
            done.outcome = Registration::Outcome::refused;
        } else {
            done.outcome = Registration::Outcome::kept;
            done.former = std::exchange(record.provider_name, made);
            record.account.name = std::string(name);
            if (existing) {
                accounts_.update(change.changes, realm, record);
            } else {
                accounts_.add(change.changes, realm, record);
            }
            sign_up.code.code = codes_.issue(change.changes, realm, record.account.user,
                                             CodePurpose::confirm_sign_up);
        }
        sign_up.code.name = record.account.name;
        return change;
    });
}

Result<Account> CognitoIdentity::create_platform_admin(std::string_view email,
                                                       std::string_view password,
                                                       std::string_view name) {
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_pool_password(password, address));
    for (int race = 0; race < sign_up_races_max; ++race) {
        const auto existing = TRY(accounts_.by_email(Realm{}, address));
        const UserId user = existing ? existing->account.user : environment_.fresh<UserId>();
        const std::string made = TRY(make_pool_user(Realm{}, user, address, password));
        if (auto joined = pool_.add_to_group(made, platform_admin_group); !joined) {
            pool_.delete_user(made);
            return fail(std::move(joined).error());
        }
        const auto registered = register_admin(address, name, user, made);
        settle(registered, made);
        if (!registered) {
            return fail(registered.error());
        }
        if (registered->outcome == Registration::Outcome::kept) {
            return *registered->account;
        }
    }
    return lost_races();
}

Result<CognitoIdentity::Registration> CognitoIdentity::register_admin(const std::string& email,
                                                                      std::string_view name,
                                                                      const UserId& user,
                                                                      const std::string& made) {
    return perform(ledger_, [&]() -> Result<Change<Registration>> {
        const auto existing = TRY(accounts_.by_email(Realm{}, email));
        AccountRecord record = existing ? *existing : verbs_.fresh_account(email);
        if (!existing) {
            record.account.user = user;
        }
        Change<Registration> change;
        if (record.account.user != user) {
            return change;
        }
        record.account.name = std::string(name);
        record.account.confirmed = true;
        record.account.platform_admin = true;
        record.totp_secret.clear();
        record.totp_pending.clear();
        ++record.session_epoch;
        change.value.outcome = Registration::Outcome::kept;
        change.value.former = std::exchange(record.provider_name, made);
        if (existing) {
            accounts_.update(change.changes, Realm{}, record);
        } else {
            accounts_.add(change.changes, Realm{}, record);
        }
        change.value.account = shown(record);
        return change;
    });
}

void CognitoIdentity::settle(const Result<Registration>& registered, const std::string& made) {
    if (!registered) {
        // After an unknown outcome it may be in force; a user too many does no harm.
        if (!made.empty() && registered.error().code != errors::unknown_outcome) {
            pool_.delete_user(made);
        }
        return;
    }
    const bool kept = registered->outcome == Registration::Outcome::kept;
    const std::string& useless = kept ? registered->former : made;
    if (!useless.empty()) {
        pool_.delete_user(useless);
    }
}

Result<std::string> CognitoIdentity::make_pool_user(const Realm& realm, const UserId& user,
                                                    std::string_view email,
                                                    std::string_view password) {
    std::string name = pool_name(realm, user, environment_.crypto.random(tag_bytes));
    TRY(pool_.create_user(name, email));
    if (auto set = pool_.set_password(name, password); !set) {
        pool_.delete_user(name);
        return fail(std::move(set).error());
    }
    return name;
}

Result<void> CognitoIdentity::pretend_pool_user(const Realm& realm, const AccountRecord& existing,
                                                std::string_view password) {
    TRY(pool_.create_user(existing.provider_name, existing.account.email));
    const auto set = pool_.set_password(nobody(realm, existing.account.email), password);
    return set || set.error().code != errors::identity_unavailable ? Result<void>()
                                                                   : fail(set.error());
}

std::string CognitoIdentity::nobody(const Realm& realm, std::string_view subject) const {
    const std::string digest =
        environment_.crypto.hmac_sha256(environment_.key_for("nobody in the pool"), subject);
    return pool_name(realm, UserId::make_secret(std::string_view(digest).substr(0, 16)),
                     std::string_view(digest).substr(16, tag_bytes));
}

Result<std::optional<IssuedCode>> CognitoIdentity::resend_confirmation(const Realm& realm,
                                                                       std::string_view email) {
    return verbs_.issue_code(realm, email, CodePurpose::confirm_sign_up);
}

Result<Account> CognitoIdentity::confirm_sign_up(const Realm& realm, std::string_view email,
                                                 std::string_view code, std::string_view once) {
    return verbs_.confirm_sign_up(realm, email, code, once);
}

}  // namespace souk
