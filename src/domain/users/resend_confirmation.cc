#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<void> Users::resend_confirmation(const Caller& caller, const Realm& realm,
                                        std::string_view email) const {
    const auto code = TRY(identity_.resend_confirmation(realm, ascii_lower(email)));
    std::optional<SignUp> issued;
    if (code) {
        issued = SignUp{.known = false, .code = *code};
    }
    return announce_code(caller, realm, signed_up_event, issued);
}

}  // namespace souk::users
