#include "adapters/identity_local/local_identity.h"
#include "domain/base/text.h"

namespace souk {

Result<std::string> LocalIdentity::enroll_totp(const Realm& realm, const UserId& user) {
    return verbs_.enroll_totp(realm, user);
}

Result<void> LocalIdentity::confirm_totp(const Realm& realm, const UserId& user,
                                         std::string_view code, std::string_view once) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::pending, once);
}

Result<void> LocalIdentity::remove_totp(const Realm& realm, const UserId& user,
                                        std::string_view code, std::string_view once) {
    return prove_totp(realm, user, code, AccountVerbs::TotpSecret::in_force, once);
}

Result<void> LocalIdentity::prove_totp(const Realm& realm, const UserId& user,
                                       std::string_view code, AccountVerbs::TotpSecret which,
                                       std::string_view once) {
    const Attempt attempt = TRY(begin_attempt(realm, cat("totp ", user.text())));
    auto proven = verbs_.prove_totp(realm, user, code, which, once);
    if (proven || proven.error().code != errors::invalid_code) {
        forgive(attempt);
    }
    return proven;
}

}  // namespace souk
