#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/ledger_rocksdb/rocks_ledger.h"
#include "contracts/message_bus_contract.h"
#include "contracts/temporary_directory.h"

namespace souk::contract {

struct LedgerBusHome {
    SettableClock clock;
    TemporaryDirectory directory;
    std::unique_ptr<RocksLedger> rows =
        RocksLedger::open({directory.path(), clock, contract_subscriptions()}).value();
    LedgerBus queues{*rows, clock};

    Ledger& ledger() { return *rows; }
    MessageBus& bus() { return queues; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Rocks, MessageBusContract, LedgerBusHome);

}  // namespace souk::contract
