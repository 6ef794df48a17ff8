#include "domain/base/text.h"
#include "domain/users/users.h"

namespace souk::users {

namespace {

std::optional<Person> confirmed_person(const std::optional<Account>& account) {
    if (!account || !account->confirmed) {
        return std::nullopt;
    }
    return Person{account->user, account->email, account->name};
}

}  // namespace

Result<std::optional<Person>> Users::staff(const UserId& user) const {
    return confirmed_person(TRY(identity_.account(Realm{}, user)));
}

Result<std::optional<Person>> Users::staff_by_email(std::string_view email) const {
    return confirmed_person(TRY(identity_.account_by_email(Realm{}, ascii_lower(email))));
}

}  // namespace souk::users
