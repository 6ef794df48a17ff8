#include "domain/base/text.h"
#include "domain/stores/errors.h"
#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Member>> Stores::add_member(const Caller& caller, std::string_view email,
                                          Role role) const {
    TRY(check_rank(caller, role));
    const auto person = TRY(people_.staff_by_email(ascii_lower(email)));
    if (!person) {
        return fail(Error{errors::unknown_account,
                          "No staff account has this e-mail; its owner must sign up first.",
                          {{"/email", std::string(errors::unknown_account.name),
                            "No staff account has this e-mail."}}});
    }
    const StoreRepository rows = repository(caller.in_store());
    if (TRY(rows.find_member(person->id))) {
        return fail(Error{errors::already_member,
                          "This account is a member already.",
                          {{"/email", std::string(errors::already_member.name),
                            "This account is a member already."}}});
    }
    const Roster before = TRY(rows.roster());
    const Roster roster = TRY(joined(before, role));
    const Member member{.user = person->id,
                        .email = person->email,
                        .name = person->name,
                        .role = role,
                        .since = environment().now(),
                        .version = 1};
    Changes changes;
    rows.add_member(changes, member, roster);
    return Change<Member>{member, std::move(changes)};
}

}  // namespace souk::stores
