#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Member>> Stores::set_role(const Caller& caller, std::string_view user,
                                        Role role) const {
    const auto id = UserId::parse(user);
    if (!id) {
        return fail(errors::not_found, "There is no such member.");
    }
    const StoreRepository rows = repository(caller.in_store());
    const Member before = TRY(rows.member(*id));
    TRY(check_version(caller, before.version));
    TRY(check_rank(caller, before.role));
    TRY(check_rank(caller, role));
    if (before.role == role) {
        return Change<Member>{before, {}};
    }
    const Roster now = TRY(rows.roster());
    const Roster roster = TRY(exchanged(now, before.role, role));
    Member after = before;
    after.role = role;
    Changes changes;
    rows.save_member(changes, after, roster);
    after.version = before.version + 1;
    return Change<Member>{after, std::move(changes)};
}

}  // namespace souk::stores
