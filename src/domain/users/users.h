#pragma once

#include <string>
#include <string_view>

#include "domain/ports/identity.h"
#include "domain/ports/store_ledger.h"
#include "domain/ports/unit_of_work.h"
#include "domain/users/contract.h"
#include "domain/users/profile.h"
#include "domain/users/profile_repository.h"

namespace souk::users {

inline constexpr std::string_view signed_up_event = "souk.user.signed_up.v1";
inline constexpr std::string_view confirmed_event = "souk.user.confirmed.v1";
inline constexpr std::string_view password_reset_event = "souk.user.password_reset_requested.v1";

struct SignUpCommand {
    std::string email;
    std::string password;
    std::string name;
};

struct SignInCommand {
    std::string email;
    std::string password;
    std::string totp;  // May be empty.
};

/// People: the customers of each store and the staff of all. Accounts and sessions are Identity's;
/// profiles, addresses and the events are kept here. E-mails are compared in lower case.
///
/// The verbs that reach Identity have its effect first and commit their event after it. A crash in
/// between leaves the account changed and the mail unsent: the person asks again
/// (resend-confirmation, forgot-password, sign-in, which announces a confirmation that was not) and
/// nothing is done twice. Thread-safe.
class Users : public People {
public:
    /// Shape: a ledger of the table "users". `identity` outlives this.
    Users(ServiceLedger ledger, AllStores all, Identity& identity);

    /// A new account, unconfirmed until its code comes back. A known e-mail is answered alike.
    /// Errors: weak_password.  Effects: user.signed_up, `known` where the e-mail has a confirmed
    /// account.
    [[nodiscard]] Result<void> sign_up(const Caller& caller, const Realm& realm,
                                       const SignUpCommand& command) const;
    /// Errors: invalid_code.  Effects: the profile and user.confirmed, once. `once`: as Identity's.
    [[nodiscard]] Result<void> confirm_sign_up(const Caller& caller, const Realm& realm,
                                               std::string_view email, std::string_view code,
                                               std::string_view once) const;
    /// Effects: user.signed_up with a fresh code, for an unconfirmed account; for any other e-mail
    /// nothing, in the same words and with as much work.
    [[nodiscard]] Result<void> resend_confirmation(const Caller& caller, const Realm& realm,
                                                   std::string_view email) const;
    /// Errors: invalid_credentials, account_unconfirmed, totp_required, rate_limited.
    [[nodiscard]] Result<Tokens> sign_in(const Caller& caller, const Realm& realm,
                                         const SignInCommand& command) const;
    /// Effects: user.password_reset_requested, for a known e-mail; else as resend_confirmation.
    [[nodiscard]] Result<void> forgot_password(const Caller& caller, const Realm& realm,
                                               std::string_view email) const;
    /// The operator's: a confirmed platform administrator, or a new password for the existing
    /// account. Without a name it keeps its own, a new one is called as its e-mail is.
    /// Errors: validation_failed, weak_password.
    [[nodiscard]] Result<Account> create_platform_admin(std::string_view email,
                                                        std::string_view password,
                                                        std::string_view name) const;

    /// The signed-in customer. Errors: unauthenticated (the account is gone).
    [[nodiscard]] Result<Profile> me(const Caller& caller) const;
    /// Errors: version_mismatch.
    [[nodiscard]] Result<Change<Profile>> update_me(const Caller& caller,
                                                    const ProfileChanges& wanted) const;
    [[nodiscard]] Result<AddressPage> addresses(const Caller& caller, int limit,
                                                const std::string& cursor) const;
    /// Errors: not_found (also another customer's).
    [[nodiscard]] Result<AddressEntry> address(const Caller& caller, std::string_view id) const;
    /// Errors: too_many_addresses.
    [[nodiscard]] Result<Change<AddressEntry>> add_address(const Caller& caller,
                                                           const AddressChanges& members) const;
    /// Errors: not_found (also another customer's), version_mismatch.
    [[nodiscard]] Result<Change<AddressEntry>> change_address(const Caller& caller,
                                                              std::string_view id,
                                                              const AddressChanges& wanted) const;
    [[nodiscard]] Result<Change<Done>> remove_address(const Caller& caller,
                                                      std::string_view id) const;

    // People. Staff accounts count once they are confirmed.
    [[nodiscard]] Result<std::optional<Person>> staff(const UserId& user) const override;
    [[nodiscard]] Result<std::optional<Person>> staff_by_email(
        std::string_view email) const override;

    /// What routes commit with, and ask where this service has nothing to add.
    [[nodiscard]] const ServiceLedger& ledger() const { return ledger_; }
    [[nodiscard]] Identity& identity() const { return identity_; }
    [[nodiscard]] WalledLedger wall(const Realm& realm) const;

private:
    [[nodiscard]] ProfileRepository profiles(const Realm& realm) const;
    [[nodiscard]] const Environment& environment() const { return ledger_.environment(); }
    [[nodiscard]] Event event(const Realm& realm, std::string_view type, const UserId& user,
                              std::string body, std::string_view traceparent) const;
    [[nodiscard]] Result<std::string> name_or_former(std::string_view email,
                                                     std::string_view given) const;
    /// Commits the event that has the code mailed, or a decoy where there is none to send.
    [[nodiscard]] Result<void> announce_code(const Caller& caller, const Realm& realm,
                                             std::string_view type,
                                             const std::optional<SignUp>& issued) const;
    /// Writes the profile with user.confirmed; nothing where that was done before.
    [[nodiscard]] Result<void> announce_confirmed(const Realm& realm, const Account& account,
                                                  std::string_view traceparent) const;

    ServiceLedger ledger_;
    PlatformLedger platform_;
    Identity& identity_;
};

}  // namespace souk::users
