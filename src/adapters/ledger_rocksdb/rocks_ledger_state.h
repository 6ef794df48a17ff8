#pragma once

#include <memory>

#include "adapters/ledger_rocksdb/committer.h"
#include "adapters/ledger_rocksdb/data_directory.h"
#include "adapters/ledger_rocksdb/database.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"

namespace souk {

/// What a RocksLedger holds. The order is that of dependence: the committer ends before the
/// database closes, and the directory is given free last.
struct RocksLedger::State {
    RocksLedgerOptions options;
    rocks::DirectoryLock lock;
    std::unique_ptr<rocks::Database> database;
    rocks::CommitObservers observers;
    std::unique_ptr<rocks::Committer> committer;
};

}  // namespace souk
