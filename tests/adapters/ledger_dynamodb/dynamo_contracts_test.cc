#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/ledger_dynamodb/dynamo_peer.h"
#include "contracts/ledger_contract.h"
#include "contracts/ledger_query_contract.h"

namespace souk::contract {

struct DynamoHome {
    SettableClock clock;
    OpensslCrypto crypto;
    dynamo_peer::Tables tables{{"test", "other", "tes"}};
    DynamoLedger rows{{dynamo_peer::client(), clock, crypto, tables.prefix()}};

    Ledger& ledger() { return rows; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Dynamo, LedgerContract, DynamoHome);
INSTANTIATE_TYPED_TEST_SUITE_P(Dynamo, LedgerQueryContract, DynamoHome);

}  // namespace souk::contract
