#include "domain/notifications/notifications.h"
#include "domain/notifications/revive_mails.h"
#include "domain/notifications/row_keys.h"

namespace souk::notifications {

Result<int> Notifications::sweep(Instant now) const {
    MailRevival revival(mails_.ledger(), *bus_);
    return webhooks_.sweep(now, [&](const DueRow& due) -> Result<Swept> {
        return due.row.partition == row_keys::mails ? revival.settle(due, now) : Swept::left;
    });
}

}  // namespace souk::notifications
