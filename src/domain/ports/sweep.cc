#include "domain/ports/sweep.h"

#include "domain/base/text.h"
#include "domain/ports/message_bus.h"

namespace souk {

namespace {

Result<void> put_off(const ServiceLedger& ledger, const DueRow& due, Instant until) {
    StoreRow row = due.row;
    row.due = until;
    Changes changes;
    ledger.store(due.store).put(changes, std::move(row), Expect::at(due.row.version));
    return ledger.commit(changes);
}

void log_failure(const ServiceLedger& ledger, const DueRow& due, const Error& error) {
    ledger.environment().telemetry.log(
        after_failure(error) == AfterFailure::dead_letter ? LogLevel::error : LogLevel::warning,
        "A row that has come due could not be settled.",
        {{"service", ledger.table()},
         {"row", cat(due.row.partition, " | ", due.row.sort)},
         {"code", error.code.name},
         {"detail", error.detail}});
}

}  // namespace

Result<int> sweep_due(const ServiceLedger& ledger, const PlatformLedger& platform, Instant now,
                      int limit, const std::function<Result<Swept>(const DueRow&)>& settle) {
    int settled = 0;
    for (const auto& due : TRY(platform.due(now, limit))) {
        const auto swept = settle(due);
        bool is_due = !swept || *swept == Swept::left;
        if (!swept) {
            log_failure(ledger, due, swept.error());
        }
        if (!swept && after_failure(swept.error()) == AfterFailure::dead_letter) {
            const auto rests = put_off(ledger, due, now + hopeless_rest);
            is_due = !rests;
            if (!rests) {
                log_failure(ledger, due, rests.error());
            }
        }
        settled += is_due ? 0 : 1;
    }
    return settled;
}

}  // namespace souk
