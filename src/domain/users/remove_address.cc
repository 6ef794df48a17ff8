#include "domain/users/users.h"

namespace souk::users {

Result<Change<Done>> Users::remove_address(const Caller& caller, std::string_view id) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const ProfileRepository rows = profiles(Realm{caller.in_store()});
    const SavedAddress address = TRY(rows.address(user, id));
    TRY(check_version(caller, address.version));
    const AddressBook before = TRY(rows.book(user));
    Changes changes;
    rows.erase_address(changes, user, address);
    rows.put_book(changes, user, without_address(before, address.id));
    return Change<Done>{{}, std::move(changes)};
}

}  // namespace souk::users
