#include "adapters/identity_local/local_identity.h"

#include <utility>

#include "adapters/accounts/password_rules.h"
#include "adapters/jwt/discovery.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

constexpr std::string_view table = "identity";

std::string without_last_slash(std::string text) {
    while (!text.empty() && text.back() == '/') {
        text.pop_back();
    }
    return text;
}

}  // namespace

Result<std::unique_ptr<LocalIdentity>> LocalIdentity::open(LocalIdentityOptions options) {
    options.issuer = without_last_slash(std::move(options.issuer));
    auto keys = TRY(SigningKeys::open(options.key_directory, options.environment));
    return std::unique_ptr<LocalIdentity>(new LocalIdentity(options, std::move(keys)));
}

LocalIdentity::LocalIdentity(const LocalIdentityOptions& options, std::unique_ptr<SigningKeys> keys)
    : environment_(options.environment),
      issuer_(options.issuer),
      ledger_(options.ledger, std::string(table), options.environment),
      accounts_(ledger_, options.all_stores),
      codes_(accounts_, options.environment),
      verbs_(ledger_, accounts_, codes_),
      sessions_(accounts_, options.environment),
      hasher_(options.hashes_waiting_max),
      attempts_(ledger_, accounts_, sign_ins_per_minute_max),
      access_(std::make_unique<AccessTokens>(std::move(keys), options.environment, options.issuer,
                                             options.audience)) {}

Result<TokenClaims> LocalIdentity::verify(std::string_view access_token) {
    return access_->verify(access_token);
}

Result<std::optional<Account>> LocalIdentity::account(const Realm& realm, const UserId& user) {
    return verbs_.account(realm, user);
}

Result<std::optional<Account>> LocalIdentity::account_by_email(const Realm& realm,
                                                               std::string_view email) {
    return verbs_.account_by_email(realm, email);
}

Result<Account> LocalIdentity::create_platform_admin(std::string_view email,
                                                     std::string_view password,
                                                     std::string_view name) {
    const Realm staff{};
    const std::string address = ascii_lower(email);
    if (!is_email(address)) {
        return invalid_field("/email", "bad_format", "This is not an e-mail address.");
    }
    TRY(check_password(password, address));
    const std::string hash = TRY(hasher_.hash(password));
    return perform(ledger_, [&]() -> Result<Change<Account>> {
        const auto existing = TRY(accounts_.by_email(staff, address));
        AccountRecord record = existing ? *existing : verbs_.fresh_account(address);
        record.account.name = std::string(name);
        record.account.confirmed = true;
        record.account.platform_admin = true;
        record.password_hash = hash;
        record.totp_secret.clear();
        record.totp_pending.clear();
        ++record.session_epoch;
        Changes changes;
        if (existing) {
            accounts_.update(changes, staff, record);
        } else {
            accounts_.add(changes, staff, record);
        }
        return Change<Account>{shown(record), std::move(changes)};
    });
}

std::string LocalIdentity::jwks() const { return access_->jwks(); }

std::string LocalIdentity::openid_configuration() const {
    return discovery_document(issuer_, {"iss", "aud", "sub", "token_use", "email", "store",
                                        "platform_admin", "iat", "exp", "jti"});
}

Result<void> LocalIdentity::rotate_keys() { return access_->keys().rotate(); }

Result<Attempt> LocalIdentity::begin_attempt(const Realm& realm, std::string_view subject) const {
    auto admitted = attempts_.admit(realm, subject);
    if (!admitted && admitted.error().code == errors::rate_limited) {
        environment_.telemetry.count("souk_identity_throttled_total");
    }
    return admitted;
}

void LocalIdentity::forgive(const Attempt& attempt) const {
    // What cannot be forgiven counts as a failed try for the rest of its minute.
    if (!attempts_.forgive(attempt)) {
        environment_.telemetry.count("souk_identity_unforgiven_total");
    }
}

}  // namespace souk
