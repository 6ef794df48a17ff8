#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/accounts/account_rows.h"
#include "adapters/accounts/account_verbs.h"
#include "adapters/accounts/attempt_rows.h"
#include "adapters/accounts/code_rows.h"
#include "adapters/accounts/session_rows.h"
#include "adapters/identity_local/access_tokens.h"
#include "adapters/identity_local/password_hasher.h"
#include "domain/ports/identity.h"
#include "domain/ports/store_ledger.h"

namespace souk {

/// What LocalIdentity stands on. The ledger and what the environment refers to outlive it.
struct LocalIdentityOptions {
    Ledger& ledger;  // It writes the table "identity".
    Environment environment;
    AllStores all_stores;       // Staff accounts belong to no store.
    std::string issuer;         // Public URL of this installation: "http://localhost:8080".
    std::string key_directory;  // Made when missing.
    std::string audience = "souk";
    std::size_t hashes_waiting_max = 64;  // Beyond it, sign-ins answer identity_unavailable.
};

/// Accounts in the own ledger: Argon2id passwords, mailed codes, rotating refresh tokens, RS256
/// access tokens. Safe from any thread; verbs that take a password block for its hash, and all but
/// verify, jwks and openid_configuration block for the ledger. A session that was ended (sign_out,
/// a new password) stops refreshing at once; access tokens that it already has live on until they
/// expire, access_token_life at most.
class LocalIdentity final : public Identity {
public:
    /// Errors: identity_unavailable when the keys can be neither read nor made.
    [[nodiscard]] static Result<std::unique_ptr<LocalIdentity>> open(LocalIdentityOptions options);

    /// Errors: weak_password; validation_failed (no e-mail address); rate_limited (six for one
    /// e-mail address in an hour, known or not); identity_unavailable. Until an account is
    /// confirmed, signing up again replaces its password and name: who took the address first,
    /// without being able to read its mail, has gained nothing.
    [[nodiscard]] Result<SignUp> sign_up(const Realm& realm, std::string_view email,
                                         std::string_view password, std::string_view name) override;
    /// Errors: rate_limited, as for sign_up and counted together with it.
    [[nodiscard]] Result<std::optional<IssuedCode>> resend_confirmation(
        const Realm& realm, std::string_view email) override;
    [[nodiscard]] Result<Account> confirm_sign_up(const Realm& realm, std::string_view email,
                                                  std::string_view code,
                                                  std::string_view once = {}) override;
    /// A wrong one-time code is totp_required again, and counts as a failed try.
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
    [[nodiscard]] Result<void> confirm_forgot_password(const Realm& realm, std::string_view email,
                                                       std::string_view code,
                                                       std::string_view new_password,
                                                       std::string_view once = {}) override;
    /// Ends every session of the account.
    [[nodiscard]] Result<void> change_password(const Realm& realm, const UserId& user,
                                               std::string_view password,
                                               std::string_view new_password,
                                               std::string_view once = {}) override;
    /// Errors: not_found; forbidden when it is in force already: a stolen session must not replace
    /// it.
    [[nodiscard]] Result<std::string> enroll_totp(const Realm& realm, const UserId& user) override;
    /// Errors: invalid_code, rate_limited.
    [[nodiscard]] Result<void> confirm_totp(const Realm& realm, const UserId& user,
                                            std::string_view code,
                                            std::string_view once = {}) override;
    /// Errors: invalid_code, rate_limited.
    [[nodiscard]] Result<void> remove_totp(const Realm& realm, const UserId& user,
                                           std::string_view code,
                                           std::string_view once = {}) override;

    [[nodiscard]] Result<TokenClaims> verify(std::string_view access_token) override;
    [[nodiscard]] Result<std::optional<Account>> account(const Realm& realm,
                                                         const UserId& user) override;
    [[nodiscard]] Result<std::optional<Account>> account_by_email(const Realm& realm,
                                                                  std::string_view email) override;
    /// For an existing account it also ends every session and takes TOTP away: the way back in for
    /// who lost both.
    [[nodiscard]] Result<Account> create_platform_admin(std::string_view email,
                                                        std::string_view password,
                                                        std::string_view name) override;

    [[nodiscard]] std::string jwks() const override;
    [[nodiscard]] std::string openid_configuration() const override;

    /// A new signing key; tokens of the old one stay valid until they expire. Errors:
    /// identity_unavailable.
    Result<void> rotate_keys();

private:
    LocalIdentity(const LocalIdentityOptions& options, std::unique_ptr<SigningKeys> keys);

    /// Counts a try at a password or a one-time code as failed until it is forgiven. Errors:
    /// rate_limited.
    Result<Attempt> begin_attempt(const Realm& realm, std::string_view subject) const;
    void forgive(const Attempt& attempt) const;

    /// The account, if the password is its own. Errors: invalid_credentials, identity_unavailable.
    Result<AccountRecord> authenticated(const std::optional<AccountRecord>& record,
                                        std::string_view password);
    Result<Tokens> open_session(const Realm& realm, const AccountRecord& proven,
                                std::string_view totp);
    /// Puts the pending secret in force, or takes the one in force away, if `code` is its code.
    /// Errors: invalid_code, rate_limited.
    Result<void> prove_totp(const Realm& realm, const UserId& user, std::string_view code,
                            AccountVerbs::TotpSecret which, std::string_view once);
    [[nodiscard]] Tokens tokens(const Realm& realm, const AccountRecord& account,
                                const SessionRecord& session);

    Environment environment_;
    std::string issuer_;
    ServiceLedger ledger_;
    AccountRows accounts_;
    CodeRows codes_;
    AccountVerbs verbs_;
    SessionRows sessions_;
    PasswordHasher hasher_;
    AttemptRows attempts_;
    std::unique_ptr<AccessTokens> access_;
};

}  // namespace souk
