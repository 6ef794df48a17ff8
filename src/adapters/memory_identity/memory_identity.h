#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/environment.h"
#include "domain/ports/identity.h"

namespace souk {

/// The whole Identity contract in memory: for unit tests. Passwords are hashed fast, and access
/// tokens are random names of what is kept here instead of JWTs, so its key set is empty.
/// Thread-safe.
class MemoryIdentity final : public Identity {
public:
    explicit MemoryIdentity(Environment environment) : environment_(std::move(environment)) {}

    [[nodiscard]] Result<SignUp> sign_up(const Realm& realm, std::string_view email,
                                         std::string_view password, std::string_view name) override;
    [[nodiscard]] Result<std::optional<IssuedCode>> resend_confirmation(
        const Realm& realm, std::string_view email) override;
    [[nodiscard]] Result<Account> confirm_sign_up(const Realm& realm, std::string_view email,
                                                  std::string_view code,
                                                  std::string_view once = {}) override;
    [[nodiscard]] Result<Tokens> sign_in(const Realm& realm, std::string_view email,
                                         std::string_view password, std::string_view totp) override;
    [[nodiscard]] Result<Tokens> refresh(const Realm& realm, std::string_view refresh_token,
                                         std::string_view once = {}) override;
    [[nodiscard]] Result<void> sign_out(const Realm& realm,
                                        std::string_view refresh_token) override;
    [[nodiscard]] Result<std::optional<IssuedCode>> forgot_password(
        const Realm& realm, std::string_view email) override;
    [[nodiscard]] Result<void> confirm_forgot_password(const Realm& realm, std::string_view email,
                                                       std::string_view code,
                                                       std::string_view new_password,
                                                       std::string_view once = {}) override;
    [[nodiscard]] Result<void> change_password(const Realm& realm, const UserId& user,
                                               std::string_view password,
                                               std::string_view new_password,
                                               std::string_view once = {}) override;
    [[nodiscard]] Result<std::string> enroll_totp(const Realm& realm, const UserId& user) override;
    [[nodiscard]] Result<void> confirm_totp(const Realm& realm, const UserId& user,
                                            std::string_view code,
                                            std::string_view once = {}) override;
    [[nodiscard]] Result<void> remove_totp(const Realm& realm, const UserId& user,
                                           std::string_view code,
                                           std::string_view once = {}) override;
    [[nodiscard]] Result<TokenClaims> verify(std::string_view access_token) override;
    [[nodiscard]] Result<std::optional<Account>> account(const Realm& realm,
                                                         const UserId& user) override;
    [[nodiscard]] Result<std::optional<Account>> account_by_email(const Realm& realm,
                                                                  std::string_view email) override;
    [[nodiscard]] Result<Account> create_platform_admin(std::string_view email,
                                                        std::string_view password,
                                                        std::string_view name) override;
    [[nodiscard]] std::string jwks() const override { return R"({"keys":[]})"; }
    [[nodiscard]] std::string openid_configuration() const override;

private:
    struct Code {
        std::string digits;
        int tries = 0;
        Instant expires;
    };
    struct Stored {
        Account account;
        std::string password_mac;
        std::int64_t session_epoch = 0;
        std::string totp_secret;
        std::string totp_pending;
        std::int64_t totp_step = 0;
        std::string once;                                // Names the request that changed it last.
        std::map<std::string, Code, std::less<>> codes;  // By purpose.
    };
    struct Session {
        std::string realm;
        UserId user;
        std::int64_t session_epoch = 0;
        std::string token;  // Alive.
        Instant expires;
        std::string former = {};  // The token before; `once` names the request that replaced it.
        std::string once = {};
    };
    using Moments = std::map<std::string, std::vector<Instant>>;

    /// Whether the request `once` is what changed the account last.
    [[nodiscard]] static bool is_repeat(const Stored* stored, std::string_view once) {
        return stored != nullptr && !once.empty() && stored->once == once;
    }
    [[nodiscard]] Stored* by_user(const Realm& realm, const UserId& user);
    [[nodiscard]] Stored* by_email(const Realm& realm, std::string_view email);
    Stored& add(const Realm& realm, const std::string& email);
    [[nodiscard]] std::string mac(const UserId& user, std::string_view password) const;
    void set_password(Stored& stored, std::string_view password);
    /// Counts one of `limit` moments within `window`. Errors: rate_limited.
    Result<void> count(Moments& moments, const std::string& name, std::size_t limit,
                       std::chrono::milliseconds window);
    std::string issue(Stored& stored, std::string_view purpose);
    [[nodiscard]] bool redeem(Stored* stored, std::string_view purpose, std::string_view digits);
    Result<std::optional<IssuedCode>> ask(const Realm& realm, std::string_view email,
                                          std::string_view purpose);
    Result<void> prove_totp(const Realm& realm, const UserId& user, std::string_view code,
                            std::string Stored::* secret, const std::string& in_force_after,
                            std::string_view once);
    Tokens tokens(const Realm& realm, const Stored& stored, const std::string& refresh_token);
    [[nodiscard]] std::string fresh_token() const;

    Environment environment_;
    std::mutex mutex_;
    std::map<std::pair<std::string, UserId>, Stored> accounts_;     // By realm and user.
    std::map<std::pair<std::string, std::string>, UserId> emails_;  // By realm and e-mail.
    std::map<std::string, Session, std::less<>> sessions_;          // By family.
    std::map<std::string, std::string, std::less<>> families_;      // Of every refresh token.
    std::map<std::string, TokenClaims, std::less<>> access_tokens_;
    Moments failures_;
    Moments asked_;
};

/// RFC 6238: the step within one of `now` and after `last` that `digits` is the code of.
[[nodiscard]] std::optional<std::int64_t> totp_step_of(std::string_view secret,
                                                       std::string_view digits, Instant now,
                                                       std::int64_t last);
/// The otpauth:// address of a secret.
[[nodiscard]] std::string totp_address(std::string_view secret, std::string_view email);

}  // namespace souk
