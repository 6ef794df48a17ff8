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

Result<Member> Stores::member(const Caller& caller, std::string_view user) const {
    const auto id = UserId::parse(user);
    if (!id) {
        return fail(errors::not_found, "There is no such member.");
    }
    return repository(caller.in_store()).member(*id);
}

Result<Listing<ApiKey>> Stores::api_keys(const Caller& caller, int limit,
                                         const std::string& cursor) const {
    return repository(caller.in_store()).api_keys(limit, cursor);
}

Result<ApiKey> Stores::api_key(const Caller& caller, std::string_view id) const {
    const auto key = KeyId::parse(id);
    if (!key) {
        return fail(errors::not_found, "There is no such API key.");
    }
    return repository(caller.in_store()).api_key(*key);
}

}  // namespace souk::stores
