#include <utility>

#include "adapters/accounts/account_verbs.h"
#include "adapters/accounts/totp.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

Result<std::string> AccountVerbs::enroll_totp(const Realm& realm, const UserId& user) const {
    const std::string secret = environment_.crypto.random(totp::secret_bytes);
    return perform(ledger_, [&]() -> Result<Change<std::string>> {
        auto record = TRY(rows_.by_user(realm, user));
        if (!record) {
            return fail(errors::not_found, "There is no such account.");
        }
        if (!record->totp_secret.empty()) {
            return fail(errors::forbidden,
                        "Sign-in with a code is on already; turn it off with a code first.");
        }
        record->totp_pending = environment_.crypto.seal(totp_key(user), secret);
        record->totp_step = 0;  // Of a former secret's codes.
        Changes changes;
        rows_.update(changes, realm, *record);
        return Change<std::string>{totp::address(secret, record->account.email),
                                   std::move(changes)};
    });
}

Result<void> AccountVerbs::prove_totp(const Realm& realm, const UserId& user, std::string_view code,
                                      TotpSecret which, std::string_view once) const {
    const auto proven = perform(ledger_, [&]() -> Result<Change<Done>> {
        auto record = TRY(rows_.by_user(realm, user));
        if (record && record->changed_by(once)) {
            return Change<Done>{};
        }
        const std::string sealed = !record                        ? ""
                                   : which == TotpSecret::pending ? record->totp_pending
                                                                  : record->totp_secret;
        const auto step = sealed.empty() ? std::nullopt : TRY(totp_step(*record, sealed, code));
        if (!step) {
            return fail(errors::invalid_code, "The code from the authenticator app is wrong.");
        }
        switch (which) {
            case TotpSecret::pending: record->totp_secret = record->totp_pending; break;
            case TotpSecret::in_force: record->totp_secret.clear(); break;
        }
        record->totp_pending.clear();
        record->totp_step = *step;
        record->once = once;
        Changes changes;
        rows_.update(changes, realm, *record);
        return Change<Done>{{}, std::move(changes)};
    });
    return proven ? Result<void>() : fail(proven.error());
}

Result<void> AccountVerbs::spend_totp(AccountRecord& record, std::string_view code) const {
    const auto step = TRY(totp_step(record, record.totp_secret, code));
    if (!step) {
        return fail(errors::totp_required, code.empty()
                                               ? "The code from the authenticator app is needed."
                                               : "The code from the authenticator app is wrong.");
    }
    record.totp_step = *step;
    return {};
}

std::string AccountVerbs::totp_key(const UserId& user) const {
    // Bound to the account: a secret copied into another's row does not open.
    return environment_.crypto.hmac_sha256(environment_.key_for("totp"), user.text());
}

Result<std::optional<std::int64_t>> AccountVerbs::totp_step(const AccountRecord& record,
                                                            const std::string& sealed,
                                                            std::string_view code) const {
    const auto secret = environment_.crypto.open(totp_key(record.account.user), sealed);
    if (!secret) {
        return fail(errors::corrupt_row, "A sealed TOTP secret cannot be opened.");
    }
    return totp::accepted_step(*secret, code, environment_.now(), record.totp_step);
}

}  // namespace souk
