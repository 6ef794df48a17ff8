#include <algorithm>

#include "domain/base/text.h"
#include "domain/stores/errors.h"
#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<IssuedApiKey>> Stores::create_api_key(const Caller& caller, std::string_view name,
                                                    std::vector<Permission> scopes) const {
    TRY(check_scopes(caller, scopes));
    std::ranges::sort(scopes);
    scopes.erase(std::ranges::unique(scopes).begin(), scopes.end());

    const StoreRepository rows = repository(caller.in_store());
    Roster roster = TRY(rows.roster());
    if (roster.api_keys >= api_keys_max) {
        return fail(errors::too_many_api_keys,
                    cat("A store has at most ", api_keys_max, " API keys; revoke one first."));
    }
    ++roster.api_keys;

    const Crypto& crypto = environment().crypto;
    const std::string secret = secret_of(crypto.random(secret_bits / 8));
    const IssuedApiKey issued{
        .key = {.id = environment().fresh<KeyId>(),
                .name = std::string(name),
                .scopes = std::move(scopes),
                .prefix = secret.substr(0, secret_prefix.size() + readable_digits),
                .last_four = secret.substr(secret.size() - readable_digits),
                .lookup = StoreIndex::lookup_of(secret, crypto),
                .created_by = caller.principal.id,
                .created_at = environment().now()},
        .secret = secret};
    Changes changes;
    rows.add_api_key(changes, issued, roster, crypto);
    return Change<IssuedApiKey>{issued, std::move(changes)};
}

}  // namespace souk::stores
