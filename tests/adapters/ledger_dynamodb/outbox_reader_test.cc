#include "adapters/ledger_dynamodb/outbox_reader.h"

#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/settable_clock.h"
#include "contracts/ledger_fixture.h"
#include "support/scripted_aws_client.h"

namespace souk::dynamo {

namespace {

using contract::code_of;
using contract::event_of;
using contract::happened;
using contract::row_at;
using Ids = std::vector<std::string>;

constexpr std::string_view stream_arn =
    "arn:aws:dynamodb:eu-west-1:1:table/souk-dev-test/stream/2026-01-01T00:00:00.000";

std::string record(std::string_view sequence, std::string_view image) {
    return cat(R"({"eventName":"INSERT","dynamodb":{"SequenceNumber":")", sequence,
               R"(","NewImage":)", image, "}}");
}
std::string event_record(std::string_view sequence, std::string_view id) {
    return record(sequence, outbox_item_json(event_of(happened, id), {}));
}

class OutboxReaderOnScript : public testing::Test {
protected:
    void given_stream(std::string_view shards) {
        client_.answer(cat(R"({"Table":{"LatestStreamArn":")", stream_arn, R"("}})"));
        given_shards(shards);
    }
    void given_shards(std::string_view shards) {
        client_.answer(cat(R"({"StreamDescription":{"Shards":[)", shards, "]}}"));
    }
    void given_iterator(std::string_view iterator) {
        client_.answer(cat(R"({"ShardIterator":")", iterator, R"("})"));
    }
    /// `next` empty: the shard ends here.
    void given_records(std::string_view records, std::string_view next) {
        client_.answer(cat(R"({"Records":[)", records, "]",
                           next.empty() ? "" : cat(R"(,"NextShardIterator":")", next, '"'), "}"));
    }
    /// The first records of a stream of one shard.
    void reads_up_to_record_7(OutboxReader& first) {
        given_stream(R"({"ShardId":"shard-1"})");
        given_iterator("i1");
        given_records(event_record("7", "evt_1"), "i2");
        ASSERT_TRUE(first.read_once());
    }
    OutboxReader reader() {
        return OutboxReader({.client = client_,
                             .positions = positions_,
                             .take = [this](const std::vector<OutboxRecord>& records) -> Taken {
                                 for (std::size_t i = 0; i < records.size(); ++i) {
                                     if (records[i].event_id == refused_) {
                                         return {.count = i,
                                                 .failure = Error{errors::unavailable, "no topic"}};
                                     }
                                     taken_.push_back(records[i].event_id);
                                 }
                                 return {.count = records.size()};
                             },
                             .table_prefix = "souk-dev-",
                             .tables = {"test"},
                             .discovery_interval = std::chrono::hours(1),
                             .on_failure = [this](const Error& why) { told_.push_back(why); }});
    }
    std::string body(std::size_t n) const { return client_.calls().at(n).body; }
    bool asked(std::size_t n, std::string_view what) const {
        return body(n).find(what) != std::string::npos;
    }

    testing_support::ScriptedAwsClient client_;
    SettableClock clock_;
    MemoryLedger ledger_{clock_};
    LedgerStreamPositions positions_{ledger_};
    Ids taken_;
    std::string refused_;  // The id of an event that is not taken.
    std::vector<Error> told_;
};

TEST_F(OutboxReaderOnScript, HandsOnEventsAndPassesOverTheRest) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records(cat(event_record("1", "evt_1"), ',', record("2", item_json(row_at("s"))), ',',
                      R"({"eventName":"REMOVE","dynamodb":{"SequenceNumber":"3"}})"),
                  "i2");
    OutboxReader first = reader();
    EXPECT_EQ(first.read_once().value_or(0), 1U);
    EXPECT_EQ(taken_, Ids{"evt_1"});
    EXPECT_TRUE(asked(2, "TRIM_HORIZON"));
    EXPECT_EQ(client_.calls()[1].service, "streams.dynamodb");
    EXPECT_EQ(client_.calls()[1].signing_name, "dynamodb");
    given_records("", "i3");
    EXPECT_EQ(first.read_once().value_or(9), 0U);
    EXPECT_TRUE(asked(4, R"("ShardIterator":"i2")"));
}

TEST_F(OutboxReaderOnScript, StoresNoPositionUntilThereWasAnEvent) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records(record("1", item_json(row_at("s"))), "i2");
    OutboxReader first = reader();
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(ledger_.rows().empty()) << "That would be a record in the stream, and so on.";
}

TEST_F(OutboxReaderOnScript, GoesOnAfterItsPositionAfterARestart) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records(event_record("7", "evt_1"), "i2");
    ASSERT_TRUE(reader().read_once());
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i9");
    given_records("", "i10");
    ASSERT_TRUE(reader().read_once());
    EXPECT_TRUE(asked(6, R"("AFTER_SEQUENCE_NUMBER","SequenceNumber":"7")"));
}

TEST_F(OutboxReaderOnScript, ReadsAgainWhatWasNotTaken) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records(event_record("7", "evt_1"), "i2");
    OutboxReader first = reader();
    refused_ = "evt_1";
    EXPECT_EQ(code_of(first.read_once()), "unavailable");
    EXPECT_TRUE(ledger_.rows().empty());
    refused_.clear();
    given_iterator("i1b");
    given_records(event_record("7", "evt_1"), "i2");
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(4, "TRIM_HORIZON"));
    EXPECT_EQ(taken_, Ids{"evt_1"});
}

TEST_F(OutboxReaderOnScript, ReadsNothingAgainThatWasTakenBeforeAFailure) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records(cat(event_record("7", "evt_1"), ',', record("8", item_json(row_at("s"))), ',',
                      event_record("9", "evt_2")),
                  "i2");
    refused_ = "evt_2";
    EXPECT_EQ(code_of(reader().read_once()), "unavailable");
    refused_.clear();
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1b");
    given_records(event_record("9", "evt_2"), "i2");
    ASSERT_TRUE(reader().read_once()) << "as after a restart";
    EXPECT_TRUE(asked(6, R"("AFTER_SEQUENCE_NUMBER","SequenceNumber":"7")"));
    EXPECT_EQ(taken_, (Ids{"evt_1", "evt_2"}));
}

TEST_F(OutboxReaderOnScript, ReadsChildrenOnceTheirParentHasEnded) {
    given_stream(R"({"ShardId":"child","ParentShardId":"parent"},{"ShardId":"parent",)"
                 R"("ParentShardId":"forgotten"})");
    given_iterator("p1");
    given_records(event_record("1", "evt_1"), "");
    OutboxReader first = reader();
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(2, R"("ShardId":"parent")"));
    EXPECT_EQ(client_.answers_left(), 0U);
    // An ended shard may have left children, so the next round looks for them.
    given_shards(R"({"ShardId":"child","ParentShardId":"parent"},{"ShardId":"parent"})");
    given_iterator("c1");
    given_records(event_record("2", "evt_2"), "c2");
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(5, R"("ShardId":"child")"));
    EXPECT_EQ(taken_, (Ids{"evt_1", "evt_2"}));
}

TEST_F(OutboxReaderOnScript, ReadsNoShardAgainThatHasEnded) {
    given_stream(R"({"ShardId":"shard-1"})");
    given_iterator("i1");
    given_records("", "");
    ASSERT_TRUE(reader().read_once());
    given_stream(R"({"ShardId":"shard-1"})");
    EXPECT_EQ(reader().read_once().value_or(9), 0U);
    EXPECT_EQ(client_.answers_left(), 0U);
    EXPECT_EQ(client_.calls().size(), 6U);
}

TEST_F(OutboxReaderOnScript, OpensAShardAgainWhoseIteratorHasRunOut) {
    OutboxReader first = reader();
    reads_up_to_record_7(first);
    client_.refuse(400, "ExpiredIteratorException");
    EXPECT_EQ(first.read_once().value_or(9), 0U);
    given_iterator("i3");
    given_records(event_record("8", "evt_2"), "i4");
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(5, R"("SequenceNumber":"7")"));
    EXPECT_EQ(taken_, (Ids{"evt_1", "evt_2"}));
}

TEST_F(OutboxReaderOnScript, StartsWithWhatIsLeftOfAShardThatWasTrimmed) {
    OutboxReader first = reader();
    reads_up_to_record_7(first);
    client_.refuse(400, "TrimmedDataAccessException");
    ASSERT_TRUE(first.read_once());
    given_iterator("i3");
    given_records("", "i4");
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(5, "TRIM_HORIZON"));
}

// A relay that had been away for a day never got an iterator again.
TEST_F(OutboxReaderOnScript, StartsWithWhatIsLeftOfAShardThatWasTrimmedWhileItWasAway) {
    OutboxReader first = reader();
    reads_up_to_record_7(first);
    client_.refuse(400, "ExpiredIteratorException");
    ASSERT_TRUE(first.read_once());
    client_.refuse(400, "TrimmedDataAccessException");
    EXPECT_EQ(first.read_once().value_or(9), 0U);
    given_iterator("i3");
    given_records(event_record("9", "evt_3"), "i4");
    ASSERT_TRUE(first.read_once());
    EXPECT_TRUE(asked(6, "TRIM_HORIZON"));
    EXPECT_EQ(taken_, (Ids{"evt_1", "evt_3"}));
}

// It began with what was left and said nothing: committed events stayed unpublished, unseen.
TEST_F(OutboxReaderOnScript, TellsOfAGapWhereAPositionWasTrimmed) {
    OutboxReader first = reader();
    reads_up_to_record_7(first);
    EXPECT_TRUE(told_.empty());
    client_.refuse(400, "TrimmedDataAccessException");
    ASSERT_TRUE(first.read_once());
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].code, errors::outbox_gap);
    EXPECT_NE(told_[0].detail.find("souk-dev-test"), std::string::npos) << told_[0].detail;
    EXPECT_NE(told_[0].detail.find("shard-1"), std::string::npos) << told_[0].detail;
    client_.refuse(400, "TrimmedDataAccessException");
    ASSERT_TRUE(first.read_once());
    EXPECT_EQ(told_.size(), 1U) << "From its start on, nothing had been read that could be lost.";
}

TEST_F(OutboxReaderOnScript, TellsOfAGapWhereAShardIsGoneThatWasNotReadToItsEnd) {
    OutboxReader first = reader();
    reads_up_to_record_7(first);
    given_stream(R"({"ShardId":"shard-2","ParentShardId":"shard-1"})");
    given_iterator("j1");
    given_records(event_record("9", "evt_3"), "");
    OutboxReader second = reader();
    ASSERT_TRUE(second.read_once());
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].code, errors::outbox_gap);
    EXPECT_EQ(taken_, (Ids{"evt_1", "evt_3"}));
    given_shards(R"({"ShardId":"shard-3","ParentShardId":"shard-2"})");
    given_iterator("k1");
    given_records("", "k2");
    ASSERT_TRUE(second.read_once());
    EXPECT_EQ(told_.size(), 1U) << "shard-2 was read to its end";
}

TEST_F(OutboxReaderOnScript, FindsAllShardsOfALongDescription) {
    client_.answer(cat(R"({"Table":{"LatestStreamArn":")", stream_arn, R"("}})"));
    client_.answer(R"({"StreamDescription":{"Shards":[{"ShardId":"shard-1"}],)"
                   R"("LastEvaluatedShardId":"shard-1"}})");
    given_shards(R"({"ShardId":"shard-2"})");
    for (const std::string_view iterator : {"i1", "j1"}) {
        given_iterator(iterator);
        given_records("", cat(iterator, "next"));
    }
    ASSERT_TRUE(reader().read_once());
    EXPECT_TRUE(asked(2, R"("ExclusiveStartShardId":"shard-1")"));
    EXPECT_EQ(client_.calls().size(), 7U);
}

TEST_F(OutboxReaderOnScript, SaysThatATableHasNoStream) {
    client_.answer(R"({"Table":{}})");
    EXPECT_EQ(code_of(reader().read_once()), "ledger_unavailable");
}

TEST_F(OutboxReaderOnScript, RefusesAPositionThatIsNotLegible) {
    Row row;
    row.key = {"test", "platform#relay", "stream#2026-01-01T00:00:00.000"};
    row.body = "?";
    ASSERT_TRUE(ledger_.commit(contract::one(Put{row, Expect::any()})));
    client_.answer(cat(R"({"Table":{"LatestStreamArn":")", stream_arn, R"("}})"));
    EXPECT_EQ(code_of(reader().read_once()), "corrupt_row");
}

}  // namespace

}  // namespace souk::dynamo
