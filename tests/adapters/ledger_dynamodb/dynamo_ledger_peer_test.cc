#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <set>
#include <thread>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/dynamo_ledger.h"
#include "adapters/ledger_dynamodb/dynamo_peer.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "contracts/ledger_fixture.h"

namespace souk {

namespace {

using contract::code_of;
using contract::conflict_of;
using contract::event_of;
using contract::happened;
using contract::key_at;
using contract::one;
using contract::row_at;

/// What DynamoDB alone makes interesting, beyond the port's suites.
class DynamoLedgerOnPeer : public testing::Test {
protected:
    Row found(const RowKey& key) {
        auto row = ledger_.get(key);
        EXPECT_TRUE(row && *row) << key.sort << " is absent";
        return row && *row ? **row : Row{};
    }
    std::string commit(Write write) { return conflict_of(ledger_.commit(one(std::move(write)))); }

    SettableClock clock_;
    OpensslCrypto crypto_;
    dynamo_peer::Tables tables_{{"test"}};
    DynamoLedger ledger_{{dynamo_peer::client(), clock_, crypto_, tables_.prefix()}};
};

TEST_F(DynamoLedgerOnPeer, SellsFiftyUnitsToEightyBuyersAtOnce) {
    Row stock = row_at("stock");
    stock.counters = {{"hand", 50}};
    ASSERT_EQ(commit(Put{stock, Expect::absent()}), "committed");
    std::atomic<int> sold = 0;
    std::atomic<int> sold_out = 0;
    {
        std::vector<std::jthread> buyers;
        for (int i = 0; i < 80; ++i) {
            buyers.emplace_back([&, i] {
                Transaction reservation;
                reservation.token = cat("buyer ", i);
                reservation.writes = {Add{key_at("stock"), {{"hand", -1, 0}}, Expect::present()},
                                      Put{row_at(cat("reservation-", i)), Expect::absent()}};
                reservation.events = {event_of(happened, cat("evt_", i))};
                Result<void> outcome;
                do {
                    outcome = ledger_.commit(reservation);
                } while (code_of(outcome) == "ledger_busy" ||
                         code_of(outcome) == "unknown_outcome");
                sold += outcome ? 1 : 0;
                sold_out += conflict_of(outcome) == "/writes/0" ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(sold, 50);
    EXPECT_EQ(sold_out, 30);
    EXPECT_EQ(found(key_at("stock")).counters.at("hand"), 0);
    const auto reservations = ledger_.query({.table = "test",
                                             .partition = "p",
                                             .from = "reservation-",
                                             .before = "reservation.",
                                             .limit = 100});
    ASSERT_TRUE(reservations);
    EXPECT_EQ(reservations->rows.size(), 50U);
}

/// A way to DynamoDB on which some transactions meet another one, which DynamoDB Local never lets
/// happen.
class BusyClient final : public aws::AwsClient {
public:
    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override {
        if (call.body.find("TransactItems") != std::string::npos && ++transactions % 7 == 1) {
            return aws::Answer{400,
                               {},
                               R"({"CancellationReasons":[{"Code":"TransactionConflict"}]})",
                               "TransactionCanceledException",
                               "As told."};
        }
        return dynamo_peer::client().call(call);
    }
    [[nodiscard]] Result<std::string> presign(const aws::Presigned& presigned) override {
        return dynamo_peer::client().presign(presigned);
    }
    [[nodiscard]] std::string endpoint(std::string_view service) const override {
        return dynamo_peer::client().endpoint(service);
    }
    [[nodiscard]] std::string_view region() const override {
        return dynamo_peer::client().region();
    }
    std::atomic<int> transactions = 0;
};

TEST_F(DynamoLedgerOnPeer, SellsFiftyUnitsToEightyBuyersWhoGoTogether) {
    BusyClient client;
    DynamoLedger ledger({client, clock_, crypto_, tables_.prefix()});
    Row stock = row_at("stock");
    stock.counters = {{"hand", 50}};
    ASSERT_EQ(commit(Put{stock, Expect::absent()}), "committed");
    std::atomic<int> next = 0;
    std::atomic<int> sold = 0;
    std::atomic<int> sold_out = 0;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 20; ++i) {
            workers.emplace_back([&] {
                for (int buyer = next++; buyer < 80; buyer = next++) {
                    Transaction reservation;
                    reservation.token = cat("buyer ", buyer);
                    reservation.writes = {
                        Add{key_at("stock"), {{"hand", -1, 0}}, Expect::present()},
                        Put{row_at(cat("reservation-", buyer)), Expect::absent()}};
                    reservation.events = {event_of(happened, cat("evt_", buyer))};
                    Result<void> outcome;
                    do {
                        outcome = ledger.commit(reservation);
                    } while (code_of(outcome) == "ledger_busy");
                    sold += outcome ? 1 : 0;
                    sold_out += conflict_of(outcome) == "/writes/0" ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(sold, 50);
    EXPECT_EQ(sold_out, 30);
    EXPECT_EQ(found(key_at("stock")).counters.at("hand"), 0);
    const auto reservations = ledger_.query({.table = "test",
                                             .partition = "p",
                                             .from = "reservation-",
                                             .before = "reservation.",
                                             .limit = 100});
    ASSERT_TRUE(reservations);
    EXPECT_EQ(reservations->rows.size(), 50U);
    RecordProperty("transactions", client.transactions);
}

TEST_F(DynamoLedgerOnPeer, KnowsATokenThatAnotherProcessUsed) {
    Transaction transaction = one(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()});
    transaction.token = "once";
    ASSERT_TRUE(ledger_.commit(transaction));
    clock_.advance(std::chrono::minutes(2));
    DynamoLedger other({dynamo_peer::client(), clock_, crypto_, tables_.prefix()});
    EXPECT_TRUE(other.commit(transaction));
    EXPECT_EQ(found(key_at("s")).counters.at("n"), 1);
}

/// Every way in which a put of any row meets what is there, with counters and without.
TEST_F(DynamoLedgerOnPeer, SetsThePutCountersOnlyWhereNoLiveRowIs) {
    int number = 0;
    for (const bool brings_counters : {false, true}) {
        for (const std::string_view former : {"missing", "live", "expired"}) {
            const std::string sort = cat("row-", number++);
            if (former != "missing") {
                Row row = row_at(sort, "former");
                row.counters = {{"n", 7}};
                row.index[0] = IndexKey{"ip", "is"};
                if (former == "expired") {
                    row.expires = clock_.now();
                }
                ASSERT_EQ(commit(Put{row, Expect::any()}), "committed");
            }
            Row row = row_at(sort, "next");
            row.counters = brings_counters ? Counters{{"m", 1}} : Counters{};
            ASSERT_EQ(commit(Put{row, Expect::any()}), "committed") << former;
            const Row kept = found(key_at(sort));
            EXPECT_EQ(kept.version, former == "live" ? 2U : 1U) << former;
            EXPECT_EQ(kept.counters, former == "live" ? (Counters{{"n", 7}}) : row.counters)
                << former;
            EXPECT_EQ(kept.body, "next");
            EXPECT_EQ(kept.expires, std::nullopt);
            EXPECT_EQ(kept.index[0], std::nullopt);
        }
    }
}

TEST_F(DynamoLedgerOnPeer, TriesOtherFormsForManyWritesOfOneCommitAtOnce) {
    Row expired = row_at("expired", "former");
    expired.counters = {{"n", 7}};
    expired.expires = clock_.now();
    Row live = row_at("live", "former");
    live.counters = {{"n", 7}};
    Transaction given;
    given.writes = {Put{expired, Expect::absent()}, Put{live, Expect::absent()}};
    ASSERT_TRUE(ledger_.commit(given));
    Row next = row_at("live", "next");
    next.counters = {{"n", 1}};
    Transaction transaction;
    transaction.writes = {Add{key_at("expired"), {{"n", 2, 2}}, Expect::any()},
                          Put{next, Expect::any()}, Put{row_at("new"), Expect::absent()}};
    ASSERT_EQ(conflict_of(ledger_.commit(transaction)), "committed");
    EXPECT_EQ(found(key_at("expired")).counters, (Counters{{"n", 2}}));
    EXPECT_EQ(found(key_at("expired")).version, 0U);
    EXPECT_EQ(found(key_at("live")).counters, (Counters{{"n", 7}}));
    EXPECT_EQ(found(key_at("live")).version, 2U);
}

TEST_F(DynamoLedgerOnPeer, TellsAReachedFloorFromAFailedExpectation) {
    const auto why = [&](Write write) {
        const auto outcome = ledger_.commit(one(std::move(write)));
        return outcome || outcome.error().fields.empty() ? "committed"
                                                         : outcome.error().fields.front().code;
    };
    Row row = row_at("s");
    row.counters = {{"n", 3}};
    ASSERT_EQ(commit(Put{row, Expect::any()}), "committed");
    EXPECT_EQ(why(Add{key_at("s"), {{"n", -4, 0}}, Expect::present()}), "floor_reached");
    EXPECT_EQ(why(Add{key_at("s"), {{"n", -4, 0}}, Expect::any()}), "floor_reached");
    EXPECT_EQ(why(Add{key_at("s"), {{"n", -4, 0}}, Expect::at(1)}), "floor_reached");
    EXPECT_EQ(why(Add{key_at("s"), {{"n", -4, 0}}, Expect::at(2)}), "expectation_failed");
    EXPECT_EQ(why(Add{key_at("s"), {{"n", -4, 0}}, Expect::absent()}), "expectation_failed");
    EXPECT_EQ(why(Add{key_at("t"), {{"n", -4, 0}}, Expect::absent()}), "floor_reached");
    EXPECT_EQ(why(Add{key_at("t"), {{"n", -4, 0}}, Expect::present()}), "expectation_failed");
}

TEST_F(DynamoLedgerOnPeer, KeepsCountersWithinSixtyFourBits) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    ASSERT_EQ(commit(Add{key_at("s"), {{"n", most - 1, {}}}, Expect::any()}), "committed");
    EXPECT_EQ(commit(Add{key_at("s"), {{"n", 2, {}}}, Expect::any()}), "/writes/0");
    EXPECT_EQ(commit(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()}), "committed");
    EXPECT_EQ(found(key_at("s")).counters.at("n"), most);
}

TEST_F(DynamoLedgerOnPeer, KeepsOutboxRowsOutOfEveryRead) {
    Transaction transaction = one(Put{row_at("s"), Expect::any()});
    transaction.events = {event_of(happened, "evt_1")};
    ASSERT_TRUE(ledger_.commit(transaction));
    const std::string shard = dynamo::outbox_partition_text("evt_1");
    EXPECT_FALSE(ledger_.get({"test", shard, "evt_1"})->has_value());
    EXPECT_TRUE(ledger_.query({.table = "test", .partition = shard})->rows.empty());
    const Row own = row_at("evt_1", "a row of that name", shard);
    ASSERT_EQ(commit(Put{own, Expect::absent()}), "committed");
    EXPECT_EQ(found(own.key).body, own.body);
    EXPECT_EQ(ledger_.query({.table = "test", .partition = shard})->rows.size(), 1U);
}

TEST_F(DynamoLedgerOnPeer, HoldsPartitionsOfEveryByteUpToTheLimit) {
    const std::string partition(row_key_part_max, '\xFE');
    ASSERT_EQ(commit(Put{row_at("s", "body", partition), Expect::absent()}), "committed");
    EXPECT_EQ(found(key_at("s", partition)).body, "body");
    const std::string sort(row_key_part_max, 's');
    ASSERT_EQ(commit(Put{row_at(sort), Expect::absent()}), "committed");
    EXPECT_EQ(found(key_at(sort)).key.sort, sort);
    EXPECT_EQ(code_of(ledger_.commit(one(Put{row_at(std::string(513, '\xFE')), Expect::any()}))),
              "ledger_too_large");
}

TEST_F(DynamoLedgerOnPeer, ReadsMoreThanOneAnswerHolds) {
    std::vector<RowKey> keys;
    for (int i = 0; i < 60; ++i) {
        const std::string sort = cat("row-", zero_padded(static_cast<std::uint64_t>(i), 2));
        keys.push_back(key_at(sort));
        ASSERT_EQ(commit(Put{row_at(sort, std::string(300 * 1024, 'x')), Expect::any()}),
                  "committed");
    }
    const auto rows = ledger_.get_many(keys);
    ASSERT_TRUE(rows) << rows.error().detail;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        ASSERT_TRUE((*rows)[i].has_value());
        EXPECT_EQ((*rows)[i]->key, keys[i]);
    }
    const auto page = ledger_.query({.table = "test", .partition = "p", .limit = 60});
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(page->rows.size(), 60U);
    EXPECT_FALSE(page->cursor.has_value());
}

TEST_F(DynamoLedgerOnPeer, LeavesOutManyRowsAtTheUpperBoundOfAnIndex) {
    for (int i = 0; i < 12; ++i) {
        Row row = row_at(cat("row-", i));
        row.index[0] = IndexKey{"ip", i < 2 ? "a" : "b"};
        ASSERT_EQ(commit(Put{row, Expect::any()}), "committed");
    }
    const auto page = ledger_.query({.table = "test",
                                     .source = Source::index_1,
                                     .partition = "ip",
                                     .from = "a",
                                     .before = "b",
                                     .direction = Direction::backward,
                                     .limit = 2});
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(page->rows.size(), 2U);
    EXPECT_FALSE(page->cursor.has_value());
}

TEST_F(DynamoLedgerOnPeer, SaysWhichTableIsMissing) {
    const auto row = ledger_.get({"nowhere", "p", "s"});
    ASSERT_FALSE(row);
    EXPECT_EQ(code_of(row), "ledger_unavailable");
    EXPECT_EQ(code_of(ledger_.commit(one(Put{{.key = {"nowhere", "p", "s"}}, Expect::any()}))),
              "ledger_unavailable");
}

TEST_F(DynamoLedgerOnPeer, MakesTheTableThatItDefines) {
    const auto again = dynamo::create_table(dynamo_peer::client(), cat(tables_.prefix(), "test"));
    EXPECT_TRUE(again) << again.error().detail;
    const auto reply = dynamo::call_dynamo(dynamo_peer::client(), "DescribeTimeToLive",
                                           cat(R"({"TableName":")", tables_.prefix(), R"(test"})"),
                                           aws::Repeat::idempotent);
    ASSERT_TRUE(reply);
    const JsonView time_to_live = reply->body.root()["TimeToLiveDescription"];
    EXPECT_EQ(time_to_live["AttributeName"].text_or(), "ttl");
    EXPECT_EQ(time_to_live["TimeToLiveStatus"].text_or(), "ENABLED");
}

}  // namespace

}  // namespace souk
