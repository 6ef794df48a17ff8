#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/memory/seeded_crypto.h"
#include "contracts/ledger_contract.h"
#include "contracts/ledger_query_contract.h"
#include "support/memory_aws/memory_aws.h"

/// The ledger on DynamoDB in memory: what the tests that use that believe is true of it. The same
/// suites run on DynamoDB Local (dynamo_contracts_test.cc).
namespace souk::contract {

struct MemoryDynamoHome {
    SettableClock clock;
    SeededCrypto crypto;
    testing_support::MemoryAccount account{clock, "q-", {}};
    testing_support::MemoryAws client{account};
    DynamoLedger rows{{.client = client, .clock = clock, .crypto = crypto, .table_prefix = "t-"}};

    MemoryDynamoHome() {
        for (const std::string_view table : {"t-test", "t-other", "t-tes"}) {
            account.dynamo.make_table(table);
        }
    }
    Ledger& ledger() { return rows; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(MemoryDynamo, LedgerContract, MemoryDynamoHome);
INSTANTIATE_TYPED_TEST_SUITE_P(MemoryDynamo, LedgerQueryContract, MemoryDynamoHome);

}  // namespace souk::contract
