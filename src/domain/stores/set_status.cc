#include "domain/base/json.h"
#include "domain/stores/stores.h"

namespace souk::stores {

Result<Change<Store>> Stores::set_status(const Caller& caller, std::string_view id_or_slug,
                                         Status status) const {
    const auto id = TRY(resolve(id_or_slug));
    if (!id) {
        return fail(errors::not_found, "There is no such store.");
    }
    const StoreRepository rows = repository(*id);
    const Store before = TRY(rows.settings());
    Store after = before;
    Changes changes;
    if (before.status != status) {
        after.status = status;
        after.version = before.version + 1;
        rows.save(changes, before, after);
        if (status == Status::suspended) {
            JsonWriter body;
            body.begin_object().member("store_id", id->text()).end_object();
            changes.announce(ledger_.event(*id, "souk.store.suspended.v1", id->text(), body.take(),
                                           caller.traceparent));
        }
    }
    return Change<Store>{after, std::move(changes)};
}

}  // namespace souk::stores
