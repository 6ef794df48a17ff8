#pragma once

#include "adapters/ledger_rocksdb/database.h"
#include "domain/ports/ledger.h"

namespace souk::rocks {

/// One page of a query, at one moment of the database.
/// Errors: ledger_unavailable, invalid_cursor, corrupt_row.
[[nodiscard]] Result<Page> run_query(const Database& database, const Query& query, Instant now);

}  // namespace souk::rocks
