#include "adapters/payments_manual/manual_payments.h"

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "contracts/payments_contract.h"

namespace souk::contract {

struct ManualPaymentsHome {
    TestEnvironment test;
    MemoryLedger rows{test.clock};
    ManualPayments provider{ServiceLedger(rows, "payments", test.environment())};

    Payments& payments() { return provider; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Manual, PaymentsContract, ManualPaymentsHome);

class ManualPaymentsTest : public testing::Test {
protected:
    ManualPaymentsHome home;
    StoreId store = StoreId::trusted("store_01JB0000000000000000000001");
    OrderId order = OrderId::trusted("order_01JB0000000000000000000001");
    PaymentRequest request{store, order, {*Currency::parse("EUR"), 5000}, "manual"};
};

TEST_F(ManualPaymentsTest, KeepsOneRowInsideTheStoresWalls) {
    ASSERT_TRUE(home.provider.authorise("key", request));
    ASSERT_TRUE(home.provider.capture("capture", store, order));
    const auto rows = home.rows.rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].key.table, "payments");
    EXPECT_TRUE(rows[0].key.partition.starts_with(store.text()));
}

TEST_F(ManualPaymentsTest, WritesNothingForARepeat) {
    ASSERT_TRUE(home.provider.authorise("key", request));
    const auto version = home.rows.rows().at(0).version;
    ASSERT_TRUE(home.provider.authorise("key", request));
    EXPECT_EQ(home.rows.rows().at(0).version, version);
}

TEST_F(ManualPaymentsTest, WritesNothingWhenItRefuses) {
    ASSERT_TRUE(home.provider.authorise("key", request));
    const auto before = home.rows.rows().at(0);
    EXPECT_FALSE(home.provider.refund("one", store, order, request.amount));
    EXPECT_EQ(home.rows.rows().at(0).version, before.version);
    EXPECT_EQ(home.rows.rows().at(0).body, before.body);
}

TEST_F(ManualPaymentsTest, IsUnavailableWhenTheLedgerIs) {
    home.rows.refuse(1, errors::ledger_busy);
    const auto outcome = home.provider.authorise("key", request);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errors::payments_unavailable);
    EXPECT_TRUE(home.rows.rows().empty());
}

TEST_F(ManualPaymentsTest, FindsOutWhatAnUnknownOutcomeWas) {
    home.rows.lose_answers(1);
    const auto outcome = home.provider.authorise("key", request);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, Authorisation::Status::authorised);
    EXPECT_EQ(home.rows.rows().at(0).version, 1U);
}

}  // namespace souk::contract
