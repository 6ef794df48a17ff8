#include "domain/stores/stores.h"

namespace souk::stores {

Result<Listing<Membership>> Stores::mine(const Caller& caller, int limit,
                                         const std::string& cursor) const {
    return index_.of_user(TRY(UserId::parse(caller.principal.id)), limit, cursor);
}

Result<Listing<Store>> Stores::all(int limit, const std::string& cursor) const {
    return index_.all(limit, cursor);
}

Result<Listing<Member>> Stores::members(const Caller& caller, int limit,
                                        const std::string& cursor) const {
    return repository(caller.in_store()).members(limit, cursor);
}

Result<Listing<ApiKey>> Stores::api_keys(const Caller& caller, int limit,
                                         const std::string& cursor) const {
    return repository(caller.in_store()).api_keys(limit, cursor);
}

}  // namespace souk::stores
