#include "domain/users/users.h"

namespace souk::users {

Result<Change<Profile>> Users::update_me(const Caller& caller, const ProfileChanges& wanted) const {
    const Profile before = TRY(me(caller));
    TRY(check_version(caller, before.version));
    Profile after = changed(before, wanted);
    Changes changes;
    if (after.name != before.name || after.phone != before.phone) {
        profiles(Realm{caller.in_store()}).put_profile(changes, after);
        after.version = before.version + 1;
    }
    return Change<Profile>{after, std::move(changes)};
}

}  // namespace souk::users
