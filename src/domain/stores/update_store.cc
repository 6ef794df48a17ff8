#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Store>> Stores::update(const Caller& caller, const StoreChanges& wanted) const {
    const StoreRepository rows = repository(caller.in_store());
    const Store before = TRY(rows.settings());
    TRY(check_version(caller, before.version));
    const Store after = TRY(changed(before, wanted));
    Changes changes;
    if (after.version != before.version) {
        TRY(check_free(after));
        rows.save(changes, before, after);
    }
    return Change<Store>{after, std::move(changes)};
}

}  // namespace souk::stores
