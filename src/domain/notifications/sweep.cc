#include <mutex>

#include "domain/notifications/notifications.h"
#include "domain/notifications/revive_mails.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

Result<int> Notifications::sweep(Instant now) const {
    MailRevival revival(mails_.ledger(), *bus_);
    std::unique_lock mine(*reviving_, std::defer_lock);
    return webhooks_.sweep(now, [&](const DueRow& due) -> Result<Swept> {
        if (due.row.partition != row_keys::mails || (!mine && !mine.try_lock())) {
            return Swept::left;
        }
        return revival.settle(due, now);
    });
}

}  // namespace souk::notifications
