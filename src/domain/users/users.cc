#include "domain/users/users.h"

#include "domain/base/text.h"

namespace souk::users {

Users::Users(ServiceLedger ledger, AllStores all, Identity& identity)
    : ledger_(std::move(ledger)), platform_(ledger_.platform(all)), identity_(identity) {}

WalledLedger Users::wall(const Realm& realm) const {
    if (!realm.store) {
        const WalledLedger& platform = platform_;
        return platform;
    }
    const StoreLedger rows = ledger_.store(*realm.store);
    const WalledLedger& wall = rows;  // What both have in common is all that is asked for.
    return wall;
}

ProfileRepository Users::profiles(const Realm& realm) const {
    return ProfileRepository(wall(realm));
}

Event Users::event(const Realm& realm, std::string_view type, const UserId& user, std::string body,
                   std::string_view traceparent) const {
    return realm.store
               ? ledger_.event(*realm.store, type, user.text(), std::move(body), traceparent)
               : ledger_.platform_event(type, user.text(), std::move(body), traceparent);
}

Result<void> Users::announce_code(const Caller& caller, const Realm& realm, std::string_view type,
                                  const std::optional<SignUp>& issued) const {
    Changes changes;
    if (issued) {
        const IssuedCode& code = issued->code;
        const std::string sealed =
            environment().crypto.seal(environment().key_for("codes"), code.code);
        JsonWriter body;
        body.begin_object()
            .member("user_id", code.user.text())
            .member("email", code.email)
            .member("name", code.name);
        if (type == signed_up_event) {
            body.member("known", issued->known);
        }
        body.member("code_sealed", to_base64(sealed)).end_object();
        changes.announce(event(realm, type, code.user, body.take(), caller.traceparent));
    } else {
        profiles(realm).put_decoy(changes, environment());
    }
    return ledger_.commit(changes);
}

Result<void> Users::announce_confirmed(const Realm& realm, const Account& account,
                                       std::string_view traceparent) const {
    const ProfileRepository rows = profiles(realm);
    const auto done = perform(ledger_, [&]() -> Result<Change<Done>> {
        Changes changes;
        const auto before = TRY(rows.profile(account.user));
        if (!before) {
            rows.put_profile(changes, profile_of(account));
            JsonWriter body;
            body.begin_object()
                .member("user_id", account.user.text())
                .member("email", account.email)
                .member("name", account.name)
                .end_object();
            changes.announce(event(realm, confirmed_event, account.user, body.take(), traceparent));
        }
        return Change<Done>{{}, std::move(changes)};
    });
    return done ? Result<void>() : fail(done.error());
}

}  // namespace souk::users
