#include "domain/users/users.h"

namespace souk::users {

Result<Change<AddressEntry>> Users::add_address(const Caller& caller,
                                                const AddressChanges& members) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const ProfileRepository rows = profiles(Realm{caller.in_store()});
    SavedAddress address = changed(SavedAddress{.id = environment().fresh<AddressId>()}, members);
    const AddressBook before = TRY(rows.book(user));
    const AddressBook book = TRY(with_address(before, address, members));
    Changes changes;
    rows.put_address(changes, user, address);
    rows.put_book(changes, user, book);
    address.version = 1;
    return Change<AddressEntry>{entry_of(address, book), std::move(changes)};
}

}  // namespace souk::users
