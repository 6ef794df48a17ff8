#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/accounts/account_rows.h"
#include "adapters/accounts/account_verbs.h"
#include "adapters/accounts/attempt_rows.h"
#include "adapters/accounts/code_rows.h"
#include "adapters/accounts/session_rows.h"
#include "adapters/identity_cognito/pool_claims.h"
#include "adapters/identity_cognito/pool_keys.h"
#include "adapters/identity_cognito/user_pool.h"
#include "adapters/jwt/verified_tokens.h"
#include "domain/ports/identity.h"
#include "domain/ports/store_ledger.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

/// What CognitoIdentity stands on. The client, the ledger and what the environment refers to
/// outlive it.
struct CognitoIdentityOptions {
    aws::AwsClient& client;
    Ledger& ledger;  // It writes the table "identity".
    Environment environment;
    AllStores all_stores;  // Staff accounts belong to no store.
    UserPoolOptions pool;
    /// Of the pool's tokens; empty: "https://cognito-idp.<region>.amazonaws.com/<pool>".
    std::string issuer = {};
};

/// Accounts whose passwords and tokens are a Cognito user pool's. The pool serves all stores: user
/// names are opaque, say store and user, and an e-mail address belongs to one account per realm by
/// a marker row in the ledger. The ledger also holds what Cognito has no server-side call for, or
/// would mail itself: mailed codes, one-time-password secrets (sealed), the throttle of guesses,
/// and sessions. A session row holds the pool's refresh token, sealed; clients hold a token of
/// Souk's own, which rotates with every use whatever the pool does, so reuse ends the session.
///
/// The pool must: take user names (no alias), have MFA off, a password policy of eight characters
/// and nothing else, admin-only sign-up and recovery. The client must: have no
/// secret, allow ADMIN_USER_PASSWORD_AUTH alone (a password is thus never proven without Souk's
/// throttle and one-time codes) and the renewal that `refresh_call` names,
/// PreventUserExistenceErrors on, access tokens of access_token_life, refresh tokens of at least
/// refresh_token_life, token revocation on.
///
/// Safe from any thread. Every verb blocks for the ledger, and those with a password or a refresh
/// token for the pool. An access token is verified without a call, but for the first one under a
/// new key, and without the ledger once this process has seen it or given it out.
class CognitoIdentity final : public Identity {
public:
    explicit CognitoIdentity(CognitoIdentityOptions options);

    /// Errors: weak_password; validation_failed (no e-mail address); rate_limited (six for one
    /// e-mail address in an hour, known or not); identity_unavailable. Each sign-up makes a user in
    /// the pool; the account's row says which one is in force, in the commit that also issues the
    /// code. So until an account is confirmed, password and code always come from the same sign-up.
    [[nodiscard]] Result<SignUp> sign_up(const Realm& realm, std::string_view email,
                                         std::string_view password, std::string_view name) override;
    /// Errors: rate_limited, as for sign_up and counted together with it.
    [[nodiscard]] Result<std::optional<IssuedCode>> resend_confirmation(
        const Realm& realm, std::string_view email) override;
    [[nodiscard]] Result<Account> confirm_sign_up(const Realm& realm, std::string_view email,
                                                  std::string_view code,
                                                  std::string_view once = {}) override;
    /// A wrong one-time code is totp_required again, and counts as a failed try. Whom Cognito has
    /// locked out is invalid_credentials.
    [[nodiscard]] Result<Tokens> sign_in(const Realm& realm, std::string_view email,
                                         std::string_view password, std::string_view totp) override;
    /// A session ends refresh_token_life after its sign-in, however often it was refreshed.
    [[nodiscard]] Result<Tokens> refresh(const Realm& realm, std::string_view refresh_token,
                                         std::string_view once = {}) override;
    [[nodiscard]] Result<void> sign_out(const Realm& realm,
                                        std::string_view refresh_token) override;
    /// Errors: rate_limited (six for one e-mail address in an hour, known or not).
    [[nodiscard]] Result<std::optional<IssuedCode>> forgot_password(
        const Realm& realm, std::string_view email) override;
    /// The new password, the end of every session and the code's use are one commit: as
    /// change_password. Errors: also identity_unavailable, contention. Repeat: after a failure,
    /// with the same code; of several at once one counts.
    [[nodiscard]] Result<void> confirm_forgot_password(const Realm& realm, std::string_view email,
                                                       std::string_view code,
                                                       std::string_view new_password,
                                                       std::string_view once = {}) override;
    /// Ends every session of the account. The new password is that of another user in the pool,
    /// whom one commit puts in force: until then, and if anything fails, all is as it was (of a
    /// platform administrator, the new password may be in force already). Access tokens of before
    /// are refused from then on, but where they have been seen. Errors: also identity_unavailable.
    [[nodiscard]] Result<void> change_password(const Realm& realm, const UserId& user,
                                               std::string_view password,
                                               std::string_view new_password,
                                               std::string_view once = {}) override;
    /// Errors: not_found; forbidden when it is in force already.
    [[nodiscard]] Result<std::string> enroll_totp(const Realm& realm, const UserId& user) override;
    /// Errors: invalid_code, rate_limited.
    [[nodiscard]] Result<void> confirm_totp(const Realm& realm, const UserId& user,
                                            std::string_view code,
                                            std::string_view once = {}) override;
    /// Errors: invalid_code, rate_limited.
    [[nodiscard]] Result<void> remove_totp(const Realm& realm, const UserId& user,
                                           std::string_view code,
                                           std::string_view once = {}) override;

    /// Errors: also identity_unavailable (a key that cannot be fetched) and the ledger's.
    [[nodiscard]] Result<TokenClaims> verify(std::string_view access_token) override;
    [[nodiscard]] Result<std::optional<Account>> account(const Realm& realm,
                                                         const UserId& user) override;
    [[nodiscard]] Result<std::optional<Account>> account_by_email(const Realm& realm,
                                                                  std::string_view email) override;
    /// For an existing account it also ends every session and takes TOTP away.
    [[nodiscard]] Result<Account> create_platform_admin(std::string_view email,
                                                        std::string_view password,
                                                        std::string_view name) override;

    /// The pool's, as last fetched.
    [[nodiscard]] std::string jwks() const override;
    /// Names the pool's issuer and where its keys are.
    [[nodiscard]] std::string openid_configuration() const override;

private:
    /// What came of writing an account that a user of the pool was made for.
    struct Registration {
        enum class Outcome { kept, refused, taken };  // taken: the e-mail is another account's now.
        Outcome outcome = Outcome::taken;
        std::optional<SignUp> sign_up;   // When kept or refused, of a sign-up.
        std::optional<Account> account;  // When kept, of an administrator.
        std::string former;  // The name in the pool that was in force before; may be empty.
    };
    Result<Registration> register_sign_up(const Realm& realm, const std::string& email,
                                          std::string_view name, const UserId& user,
                                          const std::string& made);
    Result<Registration> register_admin(const std::string& email, std::string_view name,
                                        const UserId& user, const std::string& made);
    /// Tidies the pool up after `registered`, in which `made` was to come into force.
    void settle(const Result<Registration>& registered, const std::string& made);
    /// A user of the pool with this password. Errors: weak_password, identity_unavailable.
    Result<std::string> make_pool_user(const Realm& realm, const UserId& user,
                                       std::string_view email, std::string_view password);
    /// As many calls as make_pool_user makes, to no effect.
    Result<void> pretend_pool_user(const Realm& realm, const AccountRecord& existing,
                                   std::string_view password);
    /// The name in the pool that an account without one is asked for under.
    [[nodiscard]] std::string nobody(const Realm& realm, std::string_view subject) const;

    /// What proves a password: the pool's tokens. Errors: invalid_credentials,
    /// identity_unavailable.
    Result<PoolTokens> authenticate(const Realm& realm, const std::optional<AccountRecord>& record,
                                    std::string_view subject, std::string_view password);
    Result<Tokens> open_session(const Realm& realm, const AccountRecord& proven,
                                const PoolTokens& given, std::string_view totp);
    /// The account whose password may be replaced, as it is now; nothing: it may not be.
    using Entitled = Change<std::optional<AccountRecord>>;
    /// Puts another user of the pool in force for the account, in one commit with what `entitle`
    /// changes; false if that says no. `seen` is the account as it was when the pool is asked. A
    /// platform administrator stays the user that an operator has put into the pool's group, which
    /// no function may do: the password is set before the commit, and repeating both is harmless.
    Result<bool> replace_password(const Realm& realm, const AccountRecord& seen,
                                  std::string_view new_password,
                                  const std::function<Result<Entitled>()>& entitle);
    /// Counts as failed no longer; when the ledger fails, the try stays counted.
    void forgive(const Attempt& attempt);
    Result<void> prove_totp(const Realm& realm, const UserId& user, std::string_view code,
                            AccountVerbs::TotpSecret which, std::string_view once);

    struct Renewal;
    /// Takes the session one generation on, unless `once` has done so before. Nothing: the token
    /// was used before.
    Result<std::optional<SessionRecord>> renew(const Realm& realm, const RefreshToken& token,
                                               std::string_view once, Renewal& renewal);
    Result<Tokens> tokens(const Realm& realm, const AccountRecord& account,
                          const SessionRecord& session, const PoolTokens& given);
    [[nodiscard]] std::string seal(const SessionRecord& session, std::string_view token) const;
    [[nodiscard]] Result<std::string> opened(const SessionRecord& session) const;

    Environment environment_;
    std::string issuer_;
    ServiceLedger ledger_;
    AccountRows accounts_;
    CodeRows codes_;
    AccountVerbs verbs_;
    SessionRows sessions_;
    AttemptRows attempts_;
    mutable UserPool pool_;
    mutable PoolKeys keys_;
    VerifiedTokens verified_;
};

}  // namespace souk
