#include <utility>

#include "adapters/identity_cognito/cognito_identity.h"
#include "adapters/identity_cognito/pool_password.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

std::unexpected<Error> wrong_credentials() {
    return fail(errors::invalid_credentials, "The e-mail address or the password is wrong.");
}

}  // namespace

Result<Tokens> CognitoIdentity::sign_in(const Realm& realm, std::string_view email,
                                        std::string_view password, std::string_view totp) {
    const std::string address = ascii_lower(email);
    const Attempt attempt = TRY(attempts_.admit(realm, address));
    const auto record = accounts_.by_email(realm, address);
    if (!record) {
        forgive(attempt);
        return fail(record.error());
    }
    const auto given = authenticate(realm, *record, address, password);
    if (!given) {
        if (given.error().code != errors::invalid_credentials) {
            forgive(attempt);
        }
        return fail(given.error());
    }
    const AccountRecord& proven = **record;
    if (!proven.account.confirmed) {
        forgive(attempt);
        return fail(errors::account_unconfirmed,
                    "The account is not confirmed yet; enter the code that was mailed to it.");
    }
    auto opened = open_session(realm, proven, *given, totp);
    const bool guessed = !opened && opened.error().code == errors::totp_required && !totp.empty();
    if (!guessed) {
        forgive(attempt);
    }
    return opened;
}

Result<PoolTokens> CognitoIdentity::authenticate(const Realm& realm,
                                                 const std::optional<AccountRecord>& record,
                                                 std::string_view subject,
                                                 std::string_view password) {
    if (!is_possible_password(password)) {
        return wrong_credentials();
    }
    auto given = pool_.sign_in(record ? record->provider_name : nobody(realm, subject), password);
    if (given && !record) {
        return wrong_credentials();
    }
    return given;
}

Result<Tokens> CognitoIdentity::open_session(const Realm& realm, const AccountRecord& proven,
                                             const PoolTokens& given, std::string_view totp) {
    struct Opened {
        AccountRecord account;
        SessionRecord session;
    };
    const auto open = [&]() -> Result<Change<Opened>> {
        // Read again in every round: the one-time code may have been used, or the password
        // replaced, since the pool was asked.
        auto account = TRY(accounts_.by_user(realm, proven.account.user));
        if (!account || account->session_epoch != proven.session_epoch ||
            account->provider_name != proven.provider_name) {
            return wrong_credentials();
        }
        Changes changes;
        if (account->totp_secret.empty()) {
            accounts_.check(changes, realm, *account);
        } else {
            TRY(verbs_.spend_totp(*account, totp));
            accounts_.update(changes, realm, *account);
        }
        SessionRecord session = sessions_.begin(*account);
        session.provider_token = seal(session, given.refresh_token);
        sessions_.add(changes, realm, session);
        return Change<Opened>{{*std::move(account), std::move(session)}, std::move(changes)};
    };
    const Opened opened = TRY(perform(ledger_, open));
    return tokens(realm, opened.account, opened.session, given);
}

void CognitoIdentity::forgive(const Attempt& attempt) {
    if (!attempts_.forgive(attempt)) {
        environment_.telemetry.count("souk_identity_unforgiven_total");
    }
}

}  // namespace souk
