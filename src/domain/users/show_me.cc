#include "domain/users/users.h"

namespace souk::users {

Result<Profile> Users::me(const Caller& caller) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const Realm realm{caller.in_store()};
    if (auto profile = TRY(profiles(realm).profile(user))) {
        return *std::move(profile);
    }
    const auto account = TRY(identity_.account(realm, user));
    if (!account) {
        return fail(errors::unauthenticated, "Your account no longer exists.");
    }
    return profile_of(*account);
}

Result<AddressPage> Users::addresses(const Caller& caller, int limit,
                                     const std::string& cursor) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    return profiles(Realm{caller.in_store()}).addresses(user, limit, cursor);
}

Result<AddressEntry> Users::address(const Caller& caller, std::string_view id) const {
    const UserId user = TRY(UserId::parse(caller.principal.id));
    const ProfileRepository rows = profiles(Realm{caller.in_store()});
    const SavedAddress saved = TRY(rows.address(user, id));
    return entry_of(saved, TRY(rows.book(user)));
}

}  // namespace souk::users
