#include "domain/ports/ledger.h"

#include <set>

#include "domain/base/text.h"

namespace souk {

const RowKey& key_of(const Write& write) {
    return std::visit(
        [](const auto& w) -> const RowKey& {
            if constexpr (requires { w.row; }) {
                return w.row.key;
            } else {
                return w.key;
            }
        },
        write);
}

Result<void> check_limits(const Transaction& transaction) {
    if (transaction.writes.size() + transaction.events.size() > transaction_writes_max) {
        return fail(errors::ledger_too_large,
                    cat("A transaction holds at most ", transaction_writes_max,
                        " writes and events; this one has ", transaction.writes.size(), " and ",
                        transaction.events.size(), "."));
    }
    std::set<RowKey> seen;
    std::size_t bytes = 0;
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        if (key.table.empty() || key.partition.empty() || key.sort.empty() ||
            key.partition.size() > row_key_part_max || key.sort.size() > row_key_part_max) {
            return fail(errors::ledger_too_large,
                        cat("Partition and sort key have 1 to ", row_key_part_max, " bytes."));
        }
        if (!seen.insert(key).second) {
            return fail(errors::ledger_too_large,
                        cat("The row ", key.partition, " / ", key.sort, " is written twice."));
        }
        bytes += key.partition.size() + key.sort.size();
        if (const auto* put = std::get_if<Put>(&write)) {
            bytes += put->row.body.size();
            if (put->row.body.size() > row_body_max) {
                return fail(errors::ledger_too_large,
                            cat("A row's body holds at most ", row_body_max, " bytes."));
            }
        }
    }
    for (const auto& event : transaction.events) {
        bytes += event.body.size() + event.type.size() + event.source.size();
        if (event.body.size() > event_body_max) {
            return fail(errors::ledger_too_large,
                        cat("An event's body holds at most ", event_body_max, " bytes."));
        }
    }
    if (bytes > transaction_bytes_max) {
        return fail(errors::ledger_too_large,
                    cat("A transaction holds at most ", transaction_bytes_max, " bytes."));
    }
    return {};
}

}  // namespace souk
