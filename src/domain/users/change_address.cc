#include "domain/users/users.h"

namespace souk::users {

Result<Change<AddressEntry>> Users::change_address(const Caller& caller, std::string_view id,
                                                   const AddressChanges& wanted) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const ProfileRepository rows = profiles(Realm{caller.in_store()});
    const SavedAddress before = TRY(rows.address(user, id));
    TRY(check_version(caller, before.version));
    const AddressBook book_before = TRY(rows.book(user));
    const AddressBook book = with_choice(book_before, before.id, wanted);
    SavedAddress after = changed(before, wanted);
    Changes changes;
    if (after.address == before.address && book.preferred == book_before.preferred) {
        return Change<AddressEntry>{entry_of(before, book), std::move(changes)};
    }
    rows.put_address(changes, user, after);
    if (book.preferred != book_before.preferred) {
        rows.put_book(changes, user, book);
    }
    after.version = before.version + 1;
    return Change<AddressEntry>{entry_of(after, book), std::move(changes)};
}

}  // namespace souk::users
