#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Done>> Stores::revoke_api_key(const Caller& caller, std::string_view id) const {
    const auto key_id = KeyId::parse(id);
    if (!key_id) {
        return fail(errors::not_found, "There is no such API key.");
    }
    const StoreRepository rows = repository(caller.in_store());
    const ApiKey key = TRY(rows.api_key(*key_id));
    TRY(check_version(caller, api_key_version));
    Roster roster = TRY(rows.roster());
    --roster.api_keys;
    Changes changes;
    rows.erase_api_key(changes, key, roster);
    return Change<Done>{{}, std::move(changes)};
}

}  // namespace souk::stores
