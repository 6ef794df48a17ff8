#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<void> Users::sign_up(const Caller& caller, const Realm& realm,
                            const SignUpCommand& command) const {
    SignUp made =
        TRY(identity_.sign_up(realm, ascii_lower(command.email), command.password, command.name));
    // Who signed up before and never confirmed needs the code, not the news that the e-mail is
    // taken.
    made.known = made.known && made.code.code.empty();
    return announce_code(caller, realm, signed_up_event, made);
}

}  // namespace souk::users
