#include <utility>

#include "adapters/identity_local/local_identity.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

Result<Tokens> LocalIdentity::sign_in(const Realm& realm, std::string_view email,
                                      std::string_view password, std::string_view totp) {
    const std::string address = ascii_lower(email);
    const Attempt attempt = TRY(begin_attempt(realm, address));
    auto found = accounts_.by_email(realm, address);
    if (!found) {
        forgive(attempt);
        return fail(std::move(found).error());
    }
    const auto proven = authenticated(*found, password);
    if (!proven) {
        if (proven.error().code != errors::invalid_credentials) {
            forgive(attempt);
        }
        return fail(proven.error());
    }
    if (!proven->account.confirmed) {
        forgive(attempt);
        return fail(errors::account_unconfirmed,
                    "The account is not confirmed yet; enter the code that was mailed to it.");
    }
    auto opened = open_session(realm, *proven, totp);
    const bool guessed = !opened && opened.error().code == errors::totp_required && !totp.empty();
    if (!guessed) {
        forgive(attempt);
    }
    return opened;
}

Result<AccountRecord> LocalIdentity::authenticated(const std::optional<AccountRecord>& record,
                                                   std::string_view password) {
    const auto stored = record ? std::optional(record->password_hash) : std::nullopt;
    if (!TRY(hasher_.verify(password, stored))) {
        environment_.telemetry.count("souk_identity_wrong_passwords_total");
        return fail(errors::invalid_credentials, "The e-mail address or the password is wrong.");
    }
    return *record;
}

Result<Tokens> LocalIdentity::open_session(const Realm& realm, const AccountRecord& proven,
                                           std::string_view totp) {
    struct Opened {
        AccountRecord account;
        SessionRecord session;
    };
    const auto open = [&]() -> Result<Change<Opened>> {
        // Read again in every round: the one-time code may have been used by another sign-in
        // meanwhile.
        auto account = TRY(accounts_.by_user(realm, proven.account.user));
        if (!account || account->password_hash != proven.password_hash) {
            return fail(errors::invalid_credentials,
                        "The e-mail address or the password is wrong.");
        }
        Changes changes;
        if (account->totp_secret.empty()) {
            accounts_.check(changes, realm, *account);
        } else {
            TRY(verbs_.spend_totp(*account, totp));
            accounts_.update(changes, realm, *account);
        }
        SessionRecord session = sessions_.begin(*account);
        sessions_.add(changes, realm, session);
        return Change<Opened>{{*std::move(account), std::move(session)}, std::move(changes)};
    };
    const Opened opened = TRY(perform(ledger_, open));
    return tokens(realm, opened.account, opened.session);
}

Tokens LocalIdentity::tokens(const Realm& realm, const AccountRecord& account,
                             const SessionRecord& session) {
    return {.access_token = access_->issue(realm, account.account),
            .refresh_token = sessions_.token(realm, session),
            .expires_in = access_token_life};
}

}  // namespace souk
