#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

Result<std::string> Users::name_or_former(std::string_view email, std::string_view given) const {
    if (!given.empty()) {
        return std::string(given);
    }
    const auto account = TRY(identity_.account_by_email(Realm{}, ascii_lower(email)));
    return account ? account->name : std::string(email.substr(0, email.find('@')));
}

Result<Account> Users::create_platform_admin(std::string_view email, std::string_view password,
                                             std::string_view given_name) const {
    std::vector<FieldError> mistakes;
    if (!is_email(email)) {
        mistakes.push_back({"/email", "bad_format", "Not an e-mail address."});
    }
    const std::string name = TRY(name_or_former(email, given_name));
    const bool readable = is_utf8(name) && name.find('\0') == std::string_view::npos;
    if (!readable || name.empty() ||
        code_points(name) > static_cast<std::size_t>(name_length_max)) {
        mistakes.push_back(
            {"/name", "bad_format", cat("A name of 1 to ", name_length_max, " characters.")});
    }
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    Account account = TRY(identity_.create_platform_admin(ascii_lower(email), password, name));
    TRY(announce_confirmed(Realm{}, account, {}));
    return account;
}

}  // namespace souk::users
