#include "apps/aws/republish.h"

#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/ledger_dynamodb/table_definitions.h"
#include "adapters/memory/seeded_crypto.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/id.h"
#include "support/memory_aws/memory_aws.h"

namespace souk::app {
namespace {

using contract::event_of;
using contract::happened;
using contract::one;
using contract::row_at;

class RepublishTest : public testing::Test {
protected:
    RepublishTest() {
        for (const std::string_view table : dynamo::ledger_tables) {
            account_.dynamo.make_table(cat("t-", table));
        }
    }
    /// An event that was committed at that moment.
    void announce(Instant at) {
        const Event event = event_of(happened, EventId::make(at, crypto_.random(10)).text());
        Transaction transaction = one(Put{row_at("s"), Expect::any()});
        std::get<Put>(transaction.writes.front()).row.key.table = "orders";
        transaction.events = {event};
        ASSERT_TRUE(ledger_.commit(transaction));
    }
    Result<Republished> republish_since(Instant since) {
        return republish(client_, {.table_prefix = "t-", .topic_arn = "arn:topic"}, since,
                         telemetry_);
    }

    SettableClock clock_;
    SeededCrypto crypto_;
    SilentTelemetry telemetry_;
    testing_support::MemoryAccount account_{clock_, "q-", contract::contract_subscriptions()};
    testing_support::Fault publishing_ = testing_support::Fault::none;
    testing_support::MemoryAws client_{
        account_, [this](std::string_view action) {
            return action == "PublishBatch" ? publishing_ : testing_support::Fault::none;
        }};
    DynamoLedger ledger_{
        {.client = client_, .clock = clock_, .crypto = crypto_, .table_prefix = "t-"}};
};

TEST_F(RepublishTest, PublishesWhatTheOutboxHoldsSinceThen) {
    const Instant then = clock_.now();
    announce(then - std::chrono::milliseconds(1));
    for (int i = 0; i < 25; ++i) {
        announce(then + std::chrono::milliseconds(i));
    }
    const auto done = republish_since(then);
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->published, 25);
    EXPECT_EQ(done->refused, 0);
    EXPECT_EQ(account_.queues.size(), 25U);
    EXPECT_NE(done->report.find("orders: 25 published\n"), std::string::npos) << done->report;
    ASSERT_TRUE(republish_since(then));
    EXPECT_EQ(account_.queues.size(), 50U) << "Consumers bear it.";
}

TEST_F(RepublishTest, NamesWhatCannotBePublished) {
    announce(clock_.now());
    const std::string id = EventId::make(clock_.now(), crypto_.random(10)).text();
    ASSERT_TRUE(dynamo::call_dynamo(
        client_, "PutItem",
        cat(R"({"TableName":"t-orders","Item":{"pk":{"S":"outbox#00"},"sk":{"S":")", id,
            R"("},"e":{"S":"no event"}}})"),
        aws::Repeat::idempotent));
    const auto done = republish_since(clock_.now());
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->published, 1);
    EXPECT_EQ(done->refused, 1);
    EXPECT_NE(done->report.find(cat(id, " cannot be: malformed_json")), std::string::npos)
        << done->report;
}

TEST_F(RepublishTest, EndsWhenTheTopicIsAway) {
    announce(clock_.now());
    publishing_ = testing_support::Fault::not_sent;
    const auto done = republish_since(clock_.now());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code.kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace souk::app
