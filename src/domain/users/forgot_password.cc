#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<void> Users::forgot_password(const Caller& caller, const Realm& realm,
                                    std::string_view email) const {
    const auto code = TRY(identity_.forgot_password(realm, ascii_lower(email)));
    std::optional<SignUp> issued;
    if (code) {
        issued = SignUp{.known = true, .code = *code};
    }
    return announce_code(caller, realm, password_reset_event, issued);
}

}  // namespace souk::users
