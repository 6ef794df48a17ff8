#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Done>> Stores::remove_member(const Caller& caller, std::string_view user) const {
    const bool leaves = caller.principal.id == user;
    if (!leaves && !caller.may(Permission::members_write)) {
        return fail(errors::forbidden, "You may take out nobody but yourself.");
    }
    const auto id = UserId::parse(user);
    if (!id) {
        return fail(errors::not_found, "There is no such member.");
    }
    const StoreRepository rows = repository(caller.in_store());
    const Member member = TRY(rows.member(*id));
    TRY(check_version(caller, member.version));
    TRY(check_rank(caller, member.role));
    const Roster before = TRY(rows.roster());
    const Roster roster = TRY(left(before, member.role));
    Changes changes;
    rows.erase_member(changes, member, roster);
    return Change<Done>{{}, std::move(changes)};
}

}  // namespace souk::stores
