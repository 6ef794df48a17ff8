#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/dynamo_call.h"
#include "adapters/ledger_dynamodb/dynamo_reads.h"
#include "adapters/ledger_dynamodb/ledger_on_script.h"

namespace souk::dynamo {

namespace {

using contract::code_of;
using contract::key_at;
using contract::sorts_of;
using Sorts = std::vector<std::string>;

std::string item(std::string_view sort, std::string_view more = {}) {
    return cat(R"({"pk":{"S":"p"},"sk":{"S":")", sort, R"("},"v":{"N":"1"})", more, "}");
}

using DynamoReads = LedgerOnScript;

TEST_F(DynamoReads, GetsOneRowConsistently) {
    client_.answer(cat(R"({"Item":)", item("s", R"(,"b":{"S":"{}"},"c_n":{"N":"-3"})"), "}"));
    const auto row = ledger_.get(key_at("s"));
    ASSERT_TRUE(row && *row);
    EXPECT_EQ((*row)->body, "{}");
    EXPECT_EQ((*row)->counters, (Counters{{"n", -3}}));
    const JsonDocument body = request(0);
    EXPECT_EQ(body.root()["TableName"].text_or(), "souk-dev-test");
    EXPECT_TRUE(body.root()["ConsistentRead"].bool_or(false));
    EXPECT_EQ(client_.calls()[0].repeat, aws::Repeat::idempotent);
    EXPECT_EQ(client_.calls()[0].service, "dynamodb");
}

TEST_F(DynamoReads, AsksNothingForKeysThatNoRowCanHave) {
    EXPECT_FALSE(ledger_.get(key_at(""))->has_value());
    EXPECT_FALSE(ledger_.get(key_at(std::string(1025, 's')))->has_value());
    EXPECT_FALSE(ledger_.get(key_at("s", ""))->has_value());
    EXPECT_EQ(ledger_.get_many({key_at("")})->size(), 1U);
    EXPECT_TRUE(ledger_.query({.table = "test", .partition = ""})->rows.empty());
    EXPECT_TRUE(client_.calls().empty());
}

TEST_F(DynamoReads, SaysThatDynamoDbIsUnavailableAndWhy) {
    client_.fail_with(aws::errors::aws_no_answer);
    EXPECT_EQ(code_of(ledger_.get(key_at("s"))), "ledger_unavailable");
    client_.refuse(400, "ResourceNotFoundException", "Requested resource not found");
    const auto refused = ledger_.get(key_at("s"));
    EXPECT_EQ(code_of(refused), "ledger_unavailable");
    EXPECT_NE(refused.error().detail.find("resource not found"), std::string::npos);
}

TEST_F(DynamoReads, AsksAgainForADamagedAnswer) {
    const std::string intact = "{}";
    client_.answer(R"({"Item":)");
    client_.answer(intact, {{"x-amz-crc32", "1"}});
    client_.answer(intact, {{"x-amz-crc32", cat(crc32(intact))}});
    const auto row = ledger_.get(key_at("s"));
    ASSERT_TRUE(row) << row.error().detail;
    EXPECT_FALSE(row->has_value());
    for (int i = 0; i < 3; ++i) {
        client_.answer(intact, {{"x-amz-crc32", "1"}});
    }
    EXPECT_EQ(code_of(ledger_.get(key_at("s"))), "ledger_unavailable");
}

TEST_F(DynamoReads, ComputesTheChecksumOfTheStandard) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc32(""), 0U);
}

TEST_F(DynamoReads, AsksAgainForKeysThatWereLeftUnread) {
    client_.answer(cat(R"({"Responses":{"souk-dev-test":[)", item("a"),
                       R"(]},"UnprocessedKeys":{"souk-dev-test":{"Keys":[{"pk":{"S":"p"},)",
                       R"("sk":{"S":"b"}}],"ConsistentRead":true}}})"));
    client_.answer(
        cat(R"({"Responses":{"souk-dev-test":[)", item("b"), R"(]},"UnprocessedKeys":{}})"));
    const auto rows = ledger_.get_many({key_at("b"), key_at("c"), key_at("a"), key_at("b")});
    ASSERT_TRUE(rows) << rows.error().detail;
    EXPECT_EQ((*rows)[0]->key, key_at("b"));
    EXPECT_FALSE((*rows)[1].has_value());
    EXPECT_EQ((*rows)[2]->key, key_at("a"));
    EXPECT_EQ((*rows)[3]->key, key_at("b"));
    EXPECT_EQ(request(0).root()["RequestItems"]["souk-dev-test"]["Keys"].size(), 3U);
    EXPECT_EQ(request(1).root()["RequestItems"]["souk-dev-test"]["Keys"].size(), 1U);
    EXPECT_TRUE(pauses_.empty()) << "Who makes headway need not wait.";
}

TEST_F(DynamoReads, GivesUpOnKeysThatAreNeverRead) {
    for (int i = 0; i < empty_rounds_max; ++i) {
        client_.answer(R"({"Responses":{},"UnprocessedKeys":{"souk-dev-test":)"
                       R"({"Keys":[{"pk":{"S":"p"},"sk":{"S":"a"}}],"ConsistentRead":true}}})");
    }
    EXPECT_EQ(code_of(ledger_.get_many({key_at("a")})), "ledger_unavailable");
    EXPECT_EQ(client_.answers_left(), 0U);
    EXPECT_EQ(pauses_.size(), static_cast<std::size_t>(empty_rounds_max - 1));
}

TEST_F(DynamoReads, ReadsSeveralTablesAtOnce) {
    client_.answer(cat(R"({"Responses":{"souk-dev-one":[)", item("a"), R"(],"souk-dev-two":[)",
                       item("a"), "]}}"));
    const auto rows = ledger_.get_many({{"two", "p", "a"}, {"one", "p", "a"}});
    ASSERT_TRUE(rows) << rows.error().detail;
    EXPECT_EQ((*rows)[0]->key.table, "two");
    EXPECT_EQ((*rows)[1]->key.table, "one");
}

TEST_F(DynamoReads, RefusesItemsThatAreNotRows) {
    for (const std::string_view broken :
         {R"({"pk":{"S":"p"},"sk":{"S":"s"}})", R"({"sk":{"S":"s"},"v":{"N":"x"}})",
          R"({"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"1"},"b":{"B":"!"}})",
          R"({"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"1"},"c_n":{"S":"1"}})",
          R"({"pk":{"S":"p"},"sk":{"S":"s"},"v":{"N":"1"},"exp":{"S":"1"}})"}) {
        client_.answer(cat(R"({"Item":)", broken, "}"));
        EXPECT_EQ(code_of(ledger_.get(key_at("s"))), "corrupt_row") << broken;
    }
}

TEST_F(DynamoReads, GoesOnAfterAnAnswerWithoutRows) {
    client_.answer(R"({"Items":[],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"a"}}})");
    client_.answer(cat(R"({"Items":[)", item("b"), "]}"));
    const auto page = ledger_.query({.table = "test", .partition = "p", .limit = 1});
    EXPECT_EQ(sorts_of(page), Sorts{"b"});
    EXPECT_FALSE(page->cursor.has_value());
    EXPECT_EQ(request(1).root()["ExclusiveStartKey"]["sk"]["S"].text_or(), "a");
}

TEST_F(DynamoReads, FillsThePageThoughRowsHaveExpired) {
    const std::string expired = R"(,"exp":{"N":"1"})";
    client_.answer(cat(R"({"Items":[)", item("a", expired), ',', item("b"), ',', item("c", expired),
                       R"(],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"c"}}})"));
    client_.answer(cat(R"({"Items":[)", item("d"), ',', item("e"), "]}"));
    const auto page = ledger_.query({.table = "test", .partition = "p", .limit = 2});
    EXPECT_EQ(sorts_of(page), (Sorts{"b", "d"}));
    ASSERT_TRUE(page->cursor.has_value());
    EXPECT_EQ(request(0).root()["Limit"].integer_or(0), 3);
    EXPECT_EQ(request(1).root()["Limit"].integer_or(0), 2);
    client_.answer("{}");
    ASSERT_TRUE(
        ledger_.query({.table = "test", .partition = "p", .limit = 2, .cursor = *page->cursor}));
    EXPECT_EQ(request(2).root()["ExclusiveStartKey"]["sk"]["S"].text_or(), "d");
}

TEST_F(DynamoReads, EndsAPageEarlyRatherThanPassOverExpiredRowsWithoutEnd) {
    std::string items;
    for (std::size_t i = 0; i <= skipped_max; ++i) {
        items +=
            cat(i == 0 ? "" : ",", item(cat("row-", zero_padded(i, 4)), R"(,"exp":{"N":"1"})"));
    }
    client_.answer(cat(R"({"Items":[)", items,
                       R"(],"LastEvaluatedKey":{"pk":{"S":"p"},"sk":{"S":"row-1000"}}})"));
    const auto page = ledger_.query({.table = "test", .partition = "p", .limit = 5});
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->rows.empty());
    ASSERT_TRUE(page->cursor.has_value());
    EXPECT_EQ(client_.calls().size(), 1U);
    client_.answer("{}");
    ASSERT_TRUE(
        ledger_.query({.table = "test", .partition = "p", .limit = 5, .cursor = *page->cursor}));
    EXPECT_EQ(request(1).root()["ExclusiveStartKey"]["sk"]["S"].text_or(), "row-1000");
}

TEST_F(DynamoReads, QueriesTablesConsistentlyAndIndexesByTheirName) {
    client_.answer("{}");
    ASSERT_TRUE(ledger_.query({.table = "test", .partition = "p"}));
    EXPECT_TRUE(request(0).root()["ConsistentRead"].bool_or(false));
    EXPECT_FALSE(request(0).root()["IndexName"].present());
    client_.answer("{}");
    ASSERT_TRUE(ledger_.query({.table = "test",
                               .source = Source::index_2,
                               .partition = "p",
                               .direction = Direction::backward}));
    EXPECT_FALSE(request(1).root()["ConsistentRead"].present());
    EXPECT_EQ(request(1).root()["IndexName"].text_or(), "index_2");
    EXPECT_FALSE(request(1).root()["ScanIndexForward"].bool_or(true));
}

TEST_F(DynamoReads, LeavesOutTheUpperBoundItself) {
    client_.answer(cat(R"({"Items":[)", item("a"), ',', item("b"), "]}"));
    EXPECT_EQ(
        sorts_of(ledger_.query({.table = "test", .partition = "p", .from = "a", .before = "b"})),
        Sorts{"a"});
}

TEST_F(DynamoReads, RefusesACursorThatLeadsOutOfTheRange) {
    client_.answer(cat(R"({"Items":[)", item("a"), ',', item("b"), "]}"));
    const auto page = ledger_.query({.table = "test", .partition = "p", .limit = 1});
    ASSERT_TRUE(page && page->cursor);
    const auto cursor = from_base64url(*page->cursor);
    ASSERT_TRUE(cursor);
    const std::string nowhere = to_base64url(cursor->substr(0, 8));
    EXPECT_EQ(code_of(ledger_.query({.table = "test", .partition = "p", .cursor = nowhere})),
              "invalid_cursor");
}

}  // namespace

}  // namespace souk::dynamo
