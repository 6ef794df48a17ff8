#include "adapters/memory/memory_bus.h"
#include "adapters/memory/memory_ledger.h"
#include "contracts/ledger_contract.h"
#include "contracts/ledger_query_contract.h"
#include "contracts/message_bus_contract.h"

namespace souk::contract {

struct MemoryHome {
    SettableClock clock;
    MemoryLedger rows{clock, contract_subscriptions()};
    MemoryBus queues{rows, clock};

    Ledger& ledger() { return rows; }
    MessageBus& bus() { return queues; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerContract, MemoryHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LedgerQueryContract, MemoryHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, MessageBusContract, MemoryHome);

}  // namespace souk::contract
