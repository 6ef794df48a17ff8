#include <utility>

#include "adapters/identity_local/local_identity.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

std::unexpected<Error> not_valid() {
    return fail(errors::invalid_token, "The refresh token is not valid; sign in again.");
}

}  // namespace

Result<Tokens> LocalIdentity::refresh(const Realm& realm, std::string_view refresh_token,
                                      std::string_view once) {
    const auto token = sessions_.parse(realm, refresh_token);
    if (!token) {
        return not_valid();
    }
    struct Refreshed {
        std::optional<AccountRecord> account;  // Nothing: the token was used before.
        std::optional<SessionRecord> session;
    };
    const auto rotate = [&]() -> Result<Change<Refreshed>> {
        auto session = TRY(sessions_.find(realm, token->family));
        const Instant now = environment_.now();
        if (!session || session->expires <= now) {
            return not_valid();
        }
        auto account = TRY(accounts_.by_user(realm, session->user));
        if (!account || account->session_epoch != session->session_epoch) {
            return not_valid();
        }
        Changes changes;
        if (token->generation == session->generation) {
            ++session->generation;
            session->rotated_at = now;
            session->once = once;
            sessions_.update(changes, realm, *session);
            accounts_.check(changes, realm, *account);
        } else if (!session->refreshed_by(once, token->generation)) {
            sessions_.end(changes, realm, token->family);
            return Change<Refreshed>{{}, std::move(changes)};
        }
        return Change<Refreshed>{{std::move(account), std::move(session)}, std::move(changes)};
    };
    const Refreshed refreshed = TRY(perform(ledger_, rotate));
    if (!refreshed.session) {
        environment_.telemetry.count("souk_identity_refresh_reuse_total");
        environment_.telemetry.log(
            LogLevel::warning, "identity: a used refresh token came back; its session is ended");
        return not_valid();
    }
    return tokens(realm, *refreshed.account, *refreshed.session);
}

Result<void> LocalIdentity::sign_out(const Realm& realm, std::string_view refresh_token) {
    const auto token = sessions_.parse(realm, refresh_token);
    if (!token) {
        return {};
    }
    Changes changes;
    sessions_.end(changes, realm, token->family);
    return ledger_.commit(changes);
}

}  // namespace souk
