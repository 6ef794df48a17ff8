#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/committer.h"
#include "adapters/ledger_dynamodb/ledger_on_script.h"

namespace souk::dynamo {

namespace {

using contract::code_of;
using contract::conflict_of;
using contract::event_of;
using contract::happened;
using contract::key_at;
using contract::one;
using contract::row_at;
using Actions = std::vector<std::string>;

class DynamoCommit : public LedgerOnScript {
protected:
    /// Two writes, under a token.
    static Transaction two_writes() {
        Transaction transaction;
        transaction.token = "a token of the caller's, longer than DynamoDB takes one";
        transaction.writes = {Put{row_at("a"), Expect::absent()},
                              Add{key_at("b"), {{"hand", -1, 0}}, Expect::present()}};
        return transaction;
    }
};

TEST_F(DynamoCommit, IsOneTransactionUnderATokenThatDynamoDbTakes) {
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(two_writes()));
    EXPECT_EQ(actions(), Actions{"TransactWriteItems"});
    EXPECT_EQ(request(0).root()["TransactItems"].size(), 2U);
    EXPECT_EQ(token(0).size(), 32U);
    EXPECT_EQ(client_.calls()[0].repeat, aws::Repeat::unsafe);
}

TEST_F(DynamoCommit, MakesTheSameClientTokenOfTheSameTokenOnly) {
    Transaction transaction = two_writes();
    for (int i = 0; i < 3; ++i) {
        client_.answer("{}");
        ASSERT_TRUE(ledger_.commit(transaction));
        transaction.token = i == 0 ? transaction.token : "another";
    }
    EXPECT_EQ(token(0), token(1));
    EXPECT_NE(token(1), token(2));
}

TEST_F(DynamoCommit, GoesAsAPlainCallWhenItIsOneWriteWithoutTokenAndEvents) {
    const std::pair<Write, std::string> cases[] = {
        {Put{row_at("s"), Expect::absent()}, "PutItem"},
        {Put{row_at("s"), Expect::at(1)}, "UpdateItem"},
        {Erase{key_at("s"), Expect::any()}, "DeleteItem"},
        {Check{key_at("s"), Expect::present()}, "TransactWriteItems"}};
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        client_.answer("{}");
        ASSERT_TRUE(ledger_.commit(one(cases[i].first)));
        EXPECT_EQ(action(i), cases[i].second);
    }
    Transaction announced = one(Put{row_at("s"), Expect::absent()});
    announced.events = {event_of(happened, "evt_1")};
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(announced));
    EXPECT_EQ(action(4), "TransactWriteItems");
}

TEST_F(DynamoCommit, PutsEventsIntoTheOutboxOfTheFirstWritesTable) {
    Transaction transaction = two_writes();
    transaction.events = {event_of(happened, "evt_1"), event_of(happened, "evt_2")};
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(transaction));
    const JsonDocument body = request(0);
    const JsonView items = body.root()["TransactItems"];
    ASSERT_EQ(items.size(), 4U);
    const JsonView event = items.at(2)["Put"];
    EXPECT_EQ(event["TableName"].text_or(), "souk-dev-test");
    EXPECT_TRUE(event["Item"]["pk"]["S"].text_or().starts_with("outbox#"));
    EXPECT_EQ(event["Item"]["sk"]["S"].text_or(), "evt_1");
    EXPECT_EQ(event["Item"]["e"]["S"].text_or(), render_cloud_event(event_of(happened, "evt_1")));
    const std::int64_t forgotten = clock_.now().unix_seconds() + 14 * 86'400;
    EXPECT_EQ(event["Item"]["ttl"]["N"].text_or(), cat(forgotten));
    EXPECT_FALSE(event["ConditionExpression"].present());
}

TEST_F(DynamoCommit, PutsNoEventsIntoATableThatItOnlyChecks) {
    Transaction transaction = one(Check{{"sibling", "p", "s"}, Expect::at(1)});
    transaction.writes.emplace_back(Put{row_at("s"), Expect::absent()});
    transaction.events = {event_of(happened, "evt_1")};
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(transaction));
    const JsonDocument body = request(0);
    const JsonView items = body.root()["TransactItems"];
    EXPECT_EQ(items.at(0)["ConditionCheck"]["TableName"].text_or(), "souk-dev-sibling");
    EXPECT_EQ(items.at(2)["Put"]["TableName"].text_or(), "souk-dev-test");
}

TEST_F(DynamoCommit, PutsEventsWithoutWritesIntoTheTableOfTheirService) {
    Transaction transaction;
    transaction.events = {event_of(happened, "evt_1")};
    transaction.events[0].source = "/platform/orders";
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(transaction));
    EXPECT_EQ(request(0).root()["TransactItems"].at(0)["Put"]["TableName"].text_or(),
              "souk-dev-orders");
}

TEST_F(DynamoCommit, NamesTheFirstWriteWhoseConditionFailed) {
    Transaction transaction;
    transaction.writes = {Check{key_at("any"), Expect::any()},  // Asks DynamoDB nothing.
                          Put{row_at("a"), Expect::absent()}, Erase{key_at("b"), Expect::at(3)},
                          Check{key_at("c"), Expect::present()}};
    cancel({std::string(none), std::string(check_failed), std::string(check_failed)});
    EXPECT_EQ(conflict_of(ledger_.commit(transaction)), "/writes/2");
    EXPECT_EQ(client_.calls().size(), 1U);
}

TEST_F(DynamoCommit, LetsAFailedExpectationStandWhateverElseWasInTheWay) {
    cancel({std::string(contended), failed_on_live_row()});
    EXPECT_EQ(conflict_of(ledger_.commit(two_writes())), "/writes/1");
    EXPECT_EQ(client_.calls().size(), 1U);
}

TEST_F(DynamoCommit, TriesAgainUnderTheSameTokenWhenOthersWereAtItsRows) {
    cancel({std::string(contended), std::string(none)});
    cancel({R"({"Code":"ThrottlingError"})", R"({"Code":"ProvisionedThroughputExceeded"})"});
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(two_writes()));
    ASSERT_EQ(client_.calls().size(), 3U);
    EXPECT_EQ(client_.calls()[0].body, client_.calls()[2].body);
}

TEST_F(DynamoCommit, IsBusyWhenOthersAreAlwaysThere) {
    for (int i = 0; i < contended_tries_max; ++i) {
        cancel({std::string(none), std::string(contended)});
    }
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_busy");
    EXPECT_EQ(client_.answers_left(), 0U);
    for (const auto pause : pauses_) {
        EXPECT_LE(pause, contended_pause.longest);
    }
}

TEST_F(DynamoCommit, IsBusyWhenDynamoDbThrottlesThroughout) {
    client_.refuse(400, "ThrottlingException", "Rate exceeded");
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_busy");
}

/// No answer, a 5xx, a damaged one, and "still at work" alike.
TEST_F(DynamoCommit, AsksAgainUnderTheSameTokenWhenItIsLeftWithoutAnAnswer) {
    client_.fail_with(aws::errors::aws_no_answer);
    client_.refuse(500, "InternalServerError");
    client_.refuse(400, "TransactionInProgressException");
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(two_writes()));
    ASSERT_EQ(client_.calls().size(), 4U);
    EXPECT_EQ(client_.calls()[0].body, client_.calls()[3].body);
    EXPECT_EQ(pauses_.size(), 3U);
}

TEST_F(DynamoCommit, HasAnUnknownOutcomeWhenNoAnswerEverComes) {
    for (int i = 0; i < unanswered_tries_max; ++i) {
        client_.fail_with(aws::errors::aws_no_answer);
    }
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
    EXPECT_EQ(client_.answers_left(), 0U);
}

TEST_F(DynamoCommit, StaysUnknownWhenWhatFollowsNoAnswerTellsNothing) {
    client_.fail_with(aws::errors::aws_no_answer);
    client_.fail_with(aws::errors::aws_not_sent);
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
    client_.refuse(503, "ServiceUnavailable");
    client_.refuse(400, "ThrottlingException");
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
}

TEST_F(DynamoCommit, IsSettledByARefusalThatFollowsNoAnswer) {
    client_.fail_with(aws::errors::aws_no_answer);
    cancel({std::string(none), failed_on_live_row()});
    EXPECT_EQ(conflict_of(ledger_.commit(two_writes())), "/writes/1");
}

TEST_F(DynamoCommit, RepeatsAnUnknownOneByteForByteThoughTimeHasPassed) {
    for (int i = 0; i < unanswered_tries_max; ++i) {
        client_.fail_with(aws::errors::aws_no_answer);
    }
    ASSERT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
    clock_.advance(std::chrono::seconds(7));
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(two_writes()));
    EXPECT_EQ(client_.calls().back().body, client_.calls().front().body);
    // What is settled is not remembered.
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(two_writes()));
    EXPECT_NE(client_.calls().back().body, client_.calls().front().body);
}

TEST_F(DynamoCommit, NeverRepeatsAPlainCallThatMayHaveHappened) {
    client_.fail_with(aws::errors::aws_no_answer);
    EXPECT_EQ(code_of(ledger_.commit(one(Add{key_at("s"), {{"n", 1, {}}}, Expect::any()}))),
              "unknown_outcome");
    EXPECT_EQ(client_.calls().size(), 1U);
}

TEST_F(DynamoCommit, TakesATokenThatWasUsedForItsOwnRepeat) {
    client_.refuse(400, "IdempotentParameterMismatchException");
    EXPECT_TRUE(ledger_.commit(two_writes()));
    EXPECT_EQ(client_.calls().size(), 1U);
}

TEST_F(DynamoCommit, TakesAnotherTokenWhenTheCancelledTryHasUsedTheFirst) {
    Row row = row_at("s");
    row.counters = {{"n", 1}};
    Transaction transaction = one(Put{row, Expect::any()});
    transaction.token = "token";
    cancel({failed_on_live_row()});
    client_.refuse(400, "IdempotentParameterMismatchException");
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(transaction));
    ASSERT_EQ(client_.calls().size(), 3U);
    EXPECT_EQ(token(0), token(1));
    EXPECT_NE(token(1), token(2));
    EXPECT_EQ(request(1).root()["TransactItems"].render(),
              request(2).root()["TransactItems"].render());
}

TEST_F(DynamoCommit, RepeatsAnUnknownOneUnderTheTokenThatItTookInTheEnd) {
    Row row = row_at("s");
    row.counters = {{"n", 1}};
    Transaction transaction = one(Put{row, Expect::any()});
    transaction.token = "token";
    cancel({failed_on_live_row()});
    client_.refuse(400, "IdempotentParameterMismatchException");
    for (int i = 0; i < unanswered_tries_max; ++i) {
        client_.fail_with(aws::errors::aws_no_answer);
    }
    ASSERT_EQ(code_of(ledger_.commit(transaction)), "unknown_outcome");
    const std::string last = client_.calls().back().body;
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(transaction));
    EXPECT_EQ(client_.calls().back().body, last);
}

TEST_F(DynamoCommit, StaysUnknownWhenItsRepeatIsThrottled) {
    for (int i = 0; i < unanswered_tries_max; ++i) {
        client_.fail_with(aws::errors::aws_no_answer);
    }
    ASSERT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
    client_.refuse(400, "ThrottlingException");
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
}

TEST_F(DynamoCommit, PutsOverALiveRowByChangingIt) {
    Row row = row_at("s");
    row.counters = {{"n", 1}};
    client_.refuse(400, "ConditionalCheckFailedException", "",
                   R"({"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"1"},"c_n":{"N":"9"}}})");
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(one(Put{row, Expect::any()})));
    EXPECT_EQ(actions(), (Actions{"PutItem", "UpdateItem"}));
}

TEST_F(DynamoCommit, GivesUpOnARowThatComesAndGoesWithoutEnd) {
    Row row = row_at("s");
    row.counters = {{"n", 1}};
    for (int i = 0; i <= form_changes_max; ++i) {
        client_.refuse(400, "ConditionalCheckFailedException", "",
                       i % 2 == 0 ? R"({"Item":{"pk":{"S":"p"},"v":{"N":"1"}}})" : "{}");
    }
    EXPECT_EQ(code_of(ledger_.commit(one(Put{row, Expect::any()}))), "ledger_busy");
    EXPECT_EQ(client_.answers_left(), 0U);
}

TEST_F(DynamoCommit, SaysWhatDynamoDbFindsTooLarge) {
    client_.refuse(400, "ValidationException", "Item size has exceeded the maximum allowed size");
    const auto whole = ledger_.commit(two_writes());
    EXPECT_EQ(code_of(whole), "ledger_too_large");
    EXPECT_NE(whole.error().detail.find("Item size"), std::string::npos);
    cancel(
        {R"({"Code":"ItemCollectionSizeLimitExceeded","Message":"too much"})", std::string(none)});
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_too_large");
}

TEST_F(DynamoCommit, IsUnavailableWhenNothingWasSentOrAllowed) {
    client_.fail_with(aws::errors::aws_not_sent);
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_unavailable");
    client_.fail_with(aws::errors::aws_no_credentials);
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_unavailable");
    client_.refuse(400, "AccessDeniedException", "not yours");
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "ledger_unavailable");
}

TEST_F(DynamoCommit, AsksNothingForWhatAsksNothing) {
    EXPECT_TRUE(ledger_.commit(one(Check{key_at("s"), Expect::any()})));
    EXPECT_TRUE(client_.calls().empty());
}

TEST_F(DynamoCommit, RefusesKeysThatDynamoDbCannotHold) {
    Row row = row_at("s");
    row.index[1] = IndexKey{"partition", ""};
    EXPECT_EQ(code_of(ledger_.commit(one(Put{row, Expect::any()}))), "ledger_too_large");
    row.index[1] = IndexKey{"partition", std::string(1025, 's')};
    EXPECT_EQ(code_of(ledger_.commit(one(Put{row, Expect::any()}))), "ledger_too_large");
    EXPECT_TRUE(client_.calls().empty());
    row.index[1] = IndexKey{"partition", std::string(1024, 's')};
    client_.answer("{}");
    EXPECT_TRUE(ledger_.commit(one(Put{row, Expect::any()})));
}

TEST_F(DynamoCommit, EndsWithTheDeadlineOfItsThread) {
    for (int i = 0; i < unanswered_tries_max; ++i) {
        client_.fail_with(aws::errors::aws_no_answer);
    }
    const aws::DeadlineScope deadline(std::chrono::system_clock::now());
    EXPECT_EQ(code_of(ledger_.commit(two_writes())), "unknown_outcome");
    EXPECT_EQ(client_.calls().size(), 1U);
    EXPECT_TRUE(pauses_.empty());
}

/// Counts what it is told.
class CountingObserver final : public CommitObserver {
public:
    void committed(const Transaction&) noexcept override { ++count; }
    int count = 0;
};

TEST_F(DynamoCommit, TellsObserversOfWhatHappenedOrMayHave) {
    CountingObserver observer;
    ledger_.observe(observer);
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(two_writes()));
    EXPECT_EQ(observer.count, 1);
    cancel({std::string(none), failed_on_live_row()});
    ASSERT_FALSE(ledger_.commit(two_writes()));
    EXPECT_EQ(observer.count, 1);
    client_.fail_with(aws::errors::aws_no_answer);
    ASSERT_FALSE(ledger_.commit(one(Erase{key_at("s"), Expect::any()})));
    EXPECT_EQ(observer.count, 2);
    ledger_.forget(observer);
    client_.answer("{}");
    ASSERT_TRUE(ledger_.commit(two_writes()));
    EXPECT_EQ(observer.count, 2);
}

}  // namespace

}  // namespace souk::dynamo
