#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/ledger_contract.h"
#include "contracts/ledger_query_contract.h"
#include "contracts/temporary_directory.h"

namespace souk::contract {

struct RocksHome {
    SettableClock clock;
    TemporaryDirectory directory;
    std::unique_ptr<RocksLedger> rows =
        RocksLedger::open({directory.path(), clock, contract_subscriptions()}).value();

    Ledger& ledger() { return *rows; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Rocks, LedgerContract, RocksHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Rocks, LedgerQueryContract, RocksHome);

}  // namespace souk::contract
