#include <utility>

#include "adapters/identity_cognito/cognito_identity.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

std::unexpected<Error> not_valid() {
    return fail(errors::invalid_token, "The refresh token is not valid; sign in again.");
}

}  // namespace

/// What one refresh has got hold of, over all its rounds.
struct CognitoIdentity::Renewal {
    std::optional<AccountRecord> account;
    std::optional<PoolTokens> given;
    std::string held;  // The pool's refresh token in the session.
};

Result<Tokens> CognitoIdentity::refresh(const Realm& realm, std::string_view refresh_token,
                                        std::string_view once) {
    const auto token = sessions_.parse(realm, refresh_token);
    if (!token) {
        return not_valid();
    }
    Renewal renewal;
    const auto session = TRY(renew(realm, *token, once, renewal));
    if (!session) {
        environment_.telemetry.count("souk_identity_refresh_reuse_total");
        environment_.telemetry.log(
            LogLevel::warning, "identity: a used refresh token came back; its session is ended");
        pool_.revoke(renewal.held);
        return not_valid();
    }
    return tokens(realm, *renewal.account, *session, *renewal.given);
}

Result<std::optional<SessionRecord>> CognitoIdentity::renew(const Realm& realm,
                                                            const RefreshToken& token,
                                                            std::string_view once,
                                                            Renewal& renewal) {
    using Outcome = std::optional<SessionRecord>;
    return perform(ledger_, [&]() -> Result<Change<Outcome>> {
        auto session = TRY(sessions_.find(realm, token.family));
        const Instant now = environment_.now();
        if (!session || session->expires <= now) {
            return not_valid();
        }
        renewal.account = TRY(accounts_.by_user(realm, session->user));
        if (!renewal.account || renewal.account->session_epoch != session->session_epoch) {
            return not_valid();
        }
        renewal.held = TRY(opened(*session));
        Changes changes;
        const bool again = session->refreshed_by(once, token.generation);
        if (token.generation != session->generation && !again) {
            sessions_.end(changes, realm, token.family);
            return Change<Outcome>{{}, std::move(changes)};
        }
        if (!renewal.given) {
            renewal.given = TRY(pool_.refresh(renewal.held));
        }
        if (!renewal.given->refresh_token.empty()) {
            session->provider_token = seal(*session, renewal.given->refresh_token);
        }
        if (!again) {
            ++session->generation;
            session->rotated_at = now;
            session->once = once;
        }
        sessions_.update(changes, realm, *session);
        accounts_.check(changes, realm, *renewal.account);
        return Change<Outcome>{std::move(session), std::move(changes)};
    });
}

Result<void> CognitoIdentity::sign_out(const Realm& realm, std::string_view refresh_token) {
    const auto token = sessions_.parse(realm, refresh_token);
    if (!token) {
        return {};
    }
    const auto session = TRY(sessions_.find(realm, token->family));
    if (!session) {
        return {};
    }
    Changes changes;
    sessions_.end(changes, realm, token->family);
    TRY(ledger_.commit(changes));
    if (const auto held = opened(*session)) {
        pool_.revoke(*held);
    }
    return {};
}

std::string CognitoIdentity::seal(const SessionRecord& session, std::string_view token) const {
    // Bound to the session: a token copied into another's row does not open.
    const std::string key = environment_.crypto.hmac_sha256(
        environment_.key_for("pool refresh tokens"), session.family);
    return environment_.crypto.seal(key, token);
}

Result<std::string> CognitoIdentity::opened(const SessionRecord& session) const {
    const std::string key = environment_.crypto.hmac_sha256(
        environment_.key_for("pool refresh tokens"), session.family);
    auto token = environment_.crypto.open(key, session.provider_token);
    if (!token) {
        return fail(errors::corrupt_row, "A sealed refresh token cannot be opened.");
    }
    return *std::move(token);
}

}  // namespace souk
