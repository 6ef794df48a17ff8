#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/ledger_dynamodb/dynamo_peer.h"
#include "adapters/ledger_dynamodb/outbox_reader.h"
#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::event_of;
using contract::happened;
using contract::one;
using contract::row_at;

class OutboxReaderOnPeer : public testing::Test {
protected:
    void announce(std::string_view id) {
        Transaction transaction = one(Put{row_at("s"), Expect::any()});
        transaction.events = {event_of(happened, id)};
        ASSERT_TRUE(ledger_.commit(transaction));
    }
    OutboxReader reader() {
        return OutboxReader(
            {.client = dynamo_peer::client(),
             .positions = positions_,
             .take = [this](const std::vector<OutboxRecord>& records) -> Taken {
                 if (refusals_-- > 0) {
                     return {.failure = Error{errors::unavailable, "The topic does not answer."}};
                 }
                 std::ranges::copy(records, std::back_inserter(taken_));
                 return {.count = records.size()};
             },
             .table_prefix = tables_.prefix(),
             .tables = {"test"}});
    }
    /// Reads until a round brings nothing, the first of them aside: a stream may lag behind.
    void drain(OutboxReader& reader) {
        for (int empty_rounds = 0; empty_rounds < 3;) {
            const auto count = reader.read_once();
            ASSERT_TRUE(count) << count.error().detail;
            empty_rounds = *count == 0 ? empty_rounds + 1 : 0;
        }
    }
    std::vector<std::string> taken_ids() const {
        std::vector<std::string> ids;
        for (const auto& record : taken_) {
            ids.push_back(record.event_id);
        }
        return ids;
    }

    SettableClock clock_;
    OpensslCrypto crypto_;
    dynamo_peer::Tables tables_{{"test"}};
    DynamoLedger ledger_{{dynamo_peer::client(), clock_, crypto_, tables_.prefix()}};
    LedgerStreamPositions positions_{ledger_};
    std::vector<OutboxRecord> taken_;
    int refusals_ = 0;
};

using Ids = std::vector<std::string>;

TEST_F(OutboxReaderOnPeer, HandsOnEveryEventOnceAndNoRows) {
    announce("evt_1");
    announce("evt_2");
    OutboxReader first = reader();
    drain(first);
    announce("evt_3");
    drain(first);
    ASSERT_EQ(taken_ids(), (Ids{"evt_1", "evt_2", "evt_3"}));
    EXPECT_EQ(taken_.front().table, "test");
    EXPECT_EQ(taken_.front().event, render_cloud_event(event_of(happened, "evt_1")));
}

TEST_F(OutboxReaderOnPeer, GoesOnWhereItStoodAfterARestart) {
    announce("evt_1");
    {
        OutboxReader first = reader();
        drain(first);
    }
    announce("evt_2");
    OutboxReader second = reader();
    drain(second);
    EXPECT_EQ(taken_ids(), (Ids{"evt_1", "evt_2"}));
}

TEST_F(OutboxReaderOnPeer, BringsAgainWhatWasNotTaken) {
    announce("evt_1");
    announce("evt_2");
    refusals_ = 2;
    OutboxReader first = reader();
    EXPECT_FALSE(first.read_once());
    EXPECT_FALSE(first.read_once());
    drain(first);
    EXPECT_EQ(taken_ids(), (Ids{"evt_1", "evt_2"}));
}

TEST_F(OutboxReaderOnPeer, RunsUntilItIsTold) {
    announce("evt_1");
    OutboxReader first = reader();
    std::stop_source stop;
    std::jthread running([&] { first.run(stop.get_token()); });
    // Its position is stored after the event was taken.
    while (!ledger_.query({.table = "test", .partition = "platform#relay"})
                .value_or(Page{})
                .rows.size()) {
        std::this_thread::yield();
    }
    stop.request_stop();
    running.join();
    EXPECT_EQ(taken_ids(), (Ids{"evt_1"}));
}

}  // namespace

}  // namespace souk::dynamo
