#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<Tokens> Users::sign_in(const Caller& caller, const Realm& realm,
                              const SignInCommand& command) const {
    Tokens tokens =
        TRY(identity_.sign_in(realm, ascii_lower(command.email), command.password, command.totp));
    // Whoever can sign in is confirmed. If the commit that should have said so was lost, say it
    // now.
    const TokenClaims claims = TRY(identity_.verify(tokens.access_token));
    const auto profile = TRY(profiles(realm).profile(claims.user));
    if (!profile) {
        const auto account = TRY(identity_.account(realm, claims.user));
        if (account) {
            TRY(announce_confirmed(realm, *account, caller.traceparent));
        }
    }
    return tokens;
}

}  // namespace souk::users
