#include <chrono>
#include <utility>

#include "adapters/memory_identity/memory_identity.h"
#include "domain/base/text.h"

namespace souk {

namespace {

std::string name_of(const Realm& realm) { return realm.store ? realm.store->text() : "platform"; }

std::unexpected<Error> not_valid() {
    return fail(errors::invalid_token, "The refresh token is not valid; sign in again.");
}

}  // namespace

Result<Tokens> MemoryIdentity::sign_in(const Realm& realm, std::string_view email,
                                       std::string_view password, std::string_view totp) {
    const std::lock_guard lock(mutex_);
    const std::string name = cat(name_of(realm), '|', ascii_lower(email));
    TRY(count(failures_, name, sign_ins_per_minute_max, std::chrono::minutes(1)));
    Stored* const stored = by_email(realm, email);
    if (stored == nullptr || stored->password_mac != mac(stored->account.user, password)) {
        return fail(errors::invalid_credentials, "The e-mail address or the password is wrong.");
    }
    if (!stored->account.confirmed) {
        failures_[name].pop_back();
        return fail(errors::account_unconfirmed, "The account is not confirmed yet.");
    }
    if (stored->account.totp) {
        const auto step =
            totp_step_of(stored->totp_secret, totp, environment_.now(), stored->totp_step);
        if (!step) {
            if (totp.empty()) {
                failures_[name].pop_back();
            }
            return fail(errors::totp_required, "The code from the authenticator app is needed.");
        }
        stored->totp_step = *step;
    }
    failures_[name].pop_back();
    const std::string family = fresh_token();
    Session session{.realm = name_of(realm),
                    .user = stored->account.user,
                    .session_epoch = stored->session_epoch,
                    .token = fresh_token(),
                    .expires = environment_.now() + refresh_token_life};
    families_.emplace(session.token, family);
    const std::string token = session.token;
    sessions_.emplace(family, std::move(session));
    return tokens(realm, *stored, token);
}

Result<Tokens> MemoryIdentity::refresh(const Realm& realm, std::string_view refresh_token,
                                       std::string_view once) {
    const std::lock_guard lock(mutex_);
    const auto family = families_.find(refresh_token);
    const auto found = family != families_.end() ? sessions_.find(family->second) : sessions_.end();
    if (found == sessions_.end() || found->second.realm != name_of(realm)) {
        return not_valid();
    }
    Session& session = found->second;
    const Instant now = environment_.now();
    const Stored* const stored = by_user(realm, session.user);
    if (stored == nullptr || stored->session_epoch != session.session_epoch ||
        session.expires <= now) {
        return not_valid();
    }
    if (!once.empty() && session.once == once && session.former == refresh_token) {
        return tokens(realm, *stored, session.token);
    }
    if (refresh_token != session.token) {
        sessions_.erase(found);
        return not_valid();
    }
    session.former = std::exchange(session.token, fresh_token());
    session.once = once;
    families_.emplace(session.token, found->first);
    return tokens(realm, *stored, session.token);
}

Result<void> MemoryIdentity::sign_out(const Realm& realm, std::string_view refresh_token) {
    const std::lock_guard lock(mutex_);
    const auto family = families_.find(refresh_token);
    if (family != families_.end()) {
        const auto session = sessions_.find(family->second);
        if (session != sessions_.end() && session->second.realm == name_of(realm)) {
            sessions_.erase(session);
        }
    }
    return {};
}

Result<TokenClaims> MemoryIdentity::verify(std::string_view access_token) {
    const std::lock_guard lock(mutex_);
    const auto found = access_tokens_.find(access_token);
    if (found == access_tokens_.end() || found->second.expires <= environment_.now()) {
        return fail(errors::invalid_token, "The access token is not valid.");
    }
    return found->second;
}

Tokens MemoryIdentity::tokens(const Realm& realm, const Stored& stored,
                              const std::string& refresh_token) {
    Tokens out{.access_token = fresh_token(), .refresh_token = refresh_token};
    access_tokens_.emplace(out.access_token,
                           TokenClaims{.user = stored.account.user,
                                       .realm = realm,
                                       .email = stored.account.email,
                                       .platform_admin = stored.account.platform_admin,
                                       .expires = environment_.now() + access_token_life});
    return out;
}

std::string MemoryIdentity::fresh_token() const {
    return to_base64url(environment_.crypto.random(32));
}

}  // namespace souk
