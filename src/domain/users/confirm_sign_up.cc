#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<void> Users::confirm_sign_up(const Caller& caller, const Realm& realm,
                                    std::string_view email, std::string_view code,
                                    std::string_view once) const {
    const Account account = TRY(identity_.confirm_sign_up(realm, ascii_lower(email), code, once));
    return announce_confirmed(realm, account, caller.traceparent);
}

}  // namespace souk::users
