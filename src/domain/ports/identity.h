#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "domain/base/error.h"
#include "domain/base/id.h"
#include "domain/base/instant.h"

/// Accounts, passwords, sessions and tokens. Contract: tests/contracts/identity_contract.h.
namespace souk {

namespace errors {
/// Wrong e-mail or password: the two are indistinguishable, in words and in time.
inline constexpr ErrorCode invalid_credentials{"invalid_credentials", ErrorKind::denied};
inline constexpr ErrorCode account_unconfirmed{"account_unconfirmed", ErrorKind::denied};
inline constexpr ErrorCode invalid_code{"invalid_code", ErrorKind::invalid};
inline constexpr ErrorCode weak_password{"weak_password", ErrorKind::invalid};
/// A malformed, forged, expired or revoked access or refresh token.
inline constexpr ErrorCode invalid_token{"invalid_token", ErrorKind::denied};
inline constexpr ErrorCode totp_required{"totp_required", ErrorKind::denied};
inline constexpr ErrorCode identity_unavailable{"identity_unavailable", ErrorKind::unavailable};
}  // namespace errors

/// Units: code points; seconds; tries. Source: NIST SP 800-63B (length), openapi.yaml (throttle).
inline constexpr int password_length_min = 8;
inline constexpr int password_length_max = 128;
inline constexpr std::chrono::seconds access_token_life{900};
inline constexpr std::chrono::hours refresh_token_life{24 * 30};
inline constexpr std::chrono::minutes code_life{30};
inline constexpr int code_tries_max = 5;
inline constexpr int sign_ins_per_minute_max = 5;  // Failed ones, per account.

/// Where an account lives: the customers of one store, or the staff of all (no store).
struct Realm {
    std::optional<StoreId> store;
    friend bool operator==(const Realm&, const Realm&) = default;
};

struct Account {
    UserId user;
    std::string email;  // Lower case.
    std::string name;
    bool confirmed = false;
    bool totp = false;
    bool platform_admin = false;
    Instant created_at;
};

/// A code to be mailed to its account's owner. Secret: goes into the mail and nowhere else.
struct IssuedCode {
    UserId user;
    std::string email;
    std::string name;
    std::string code;  // Six digits.
};

/// What came of a sign-up. A known e-mail answers its caller as a new one would; the owner is told
/// by mail.
struct SignUp {
    bool known = false;
    IssuedCode code;  // `code.code` is empty when known and confirmed.
};

struct Tokens {
    std::string
        access_token;  // RS256 JWT with iss, aud, sub, token_use=access, email, exp, iat, jti
    std::string refresh_token;  // Opaque; each can be used once.
    std::chrono::seconds expires_in{access_token_life};
};

/// What a valid access token says.
struct TokenClaims {
    UserId user;
    Realm realm;
    std::string email;
    bool platform_admin = false;
    Instant expires;
};

/// `once` names a request among all, and is remembered in the commit of its effect: repeated under
/// the same name it is answered as the first time, whatever was lost in between. Empty: every call
/// is a request of its own.
class Identity {
public:
    virtual ~Identity() = default;

    /// Errors: weak_password. The account is unconfirmed until its code comes back.
    [[nodiscard]] virtual Result<SignUp> sign_up(const Realm& realm, std::string_view email,
                                                 std::string_view password,
                                                 std::string_view name) = 0;
    /// A fresh code for an unconfirmed account; nothing for any other e-mail.
    [[nodiscard]] virtual Result<std::optional<IssuedCode>> resend_confirmation(
        const Realm& realm, std::string_view email) = 0;
    /// Errors: invalid_code (wrong, expired, used up or unknown account).
    [[nodiscard]] virtual Result<Account> confirm_sign_up(const Realm& realm,
                                                          std::string_view email,
                                                          std::string_view code,
                                                          std::string_view once = {}) = 0;
    /// `totp` is the six digits of an account that has it enrolled, else empty.
    /// Errors: invalid_credentials, account_unconfirmed, totp_required, rate_limited.
    [[nodiscard]] virtual Result<Tokens> sign_in(const Realm& realm, std::string_view email,
                                                 std::string_view password,
                                                 std::string_view totp) = 0;
    /// A new pair; the old refresh token is dead, and its reuse revokes the whole family: a thief
    /// and the owner cannot be told apart, but by `once`, under which the last refresh gives a pair
    /// again. Errors: invalid_token.
    [[nodiscard]] virtual Result<Tokens> refresh(const Realm& realm, std::string_view refresh_token,
                                                 std::string_view once = {}) = 0;
    /// Ends the session of this refresh token. Unknown tokens are no error.
    [[nodiscard]] virtual Result<void> sign_out(const Realm& realm,
                                                std::string_view refresh_token) = 0;
    /// A reset code; nothing for unknown e-mails.
    [[nodiscard]] virtual Result<std::optional<IssuedCode>> forgot_password(
        const Realm& realm, std::string_view email) = 0;
    /// Sets the password, ends every session. Errors: invalid_code, weak_password.
    [[nodiscard]] virtual Result<void> confirm_forgot_password(const Realm& realm,
                                                               std::string_view email,
                                                               std::string_view code,
                                                               std::string_view new_password,
                                                               std::string_view once = {}) = 0;
    /// Errors: invalid_credentials, weak_password, rate_limited.
    [[nodiscard]] virtual Result<void> change_password(const Realm& realm, const UserId& user,
                                                       std::string_view password,
                                                       std::string_view new_password,
                                                       std::string_view once = {}) = 0;
    /// A new secret as an otpauth:// address; in force once `confirm_totp` proves it. Source: RFC
    /// 6238.
    [[nodiscard]] virtual Result<std::string> enroll_totp(const Realm& realm,
                                                          const UserId& user) = 0;
    /// Errors: invalid_code.
    [[nodiscard]] virtual Result<void> confirm_totp(const Realm& realm, const UserId& user,
                                                    std::string_view code,
                                                    std::string_view once = {}) = 0;
    /// Errors: invalid_code.
    [[nodiscard]] virtual Result<void> remove_totp(const Realm& realm, const UserId& user,
                                                   std::string_view code,
                                                   std::string_view once = {}) = 0;

    /// Signature (RS256 only), issuer, audience, token_use, expiry. Quick: may be called on an I/O
    /// thread. Errors: invalid_token.
    [[nodiscard]] virtual Result<TokenClaims> verify(std::string_view access_token) = 0;
    [[nodiscard]] virtual Result<std::optional<Account>> account(const Realm& realm,
                                                                 const UserId& user) = 0;
    [[nodiscard]] virtual Result<std::optional<Account>> account_by_email(
        const Realm& realm, std::string_view email) = 0;
    /// The operator's: a confirmed staff account, or a new password for the existing one; made
    /// platform administrator.
    [[nodiscard]] virtual Result<Account> create_platform_admin(std::string_view email,
                                                                std::string_view password,
                                                                std::string_view name) = 0;

    /// RFC 7517 key set, as JSON.
    [[nodiscard]] virtual std::string jwks() const = 0;
    /// OpenID Connect discovery document, as JSON.
    [[nodiscard]] virtual std::string openid_configuration() const = 0;
};

}  // namespace souk
