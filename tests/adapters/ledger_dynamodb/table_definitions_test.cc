#include "adapters/ledger_dynamodb/table_definitions.h"

#include <gtest/gtest.h>

#include "domain/base/json.h"
#include "support/scripted_aws_client.h"

namespace souk::dynamo {

namespace {

TEST(TableDefinitions, DescribeTheTableInDynamoDbsWords) {
    EXPECT_EQ(
        table_definition_json("souk-dev-orders"),
        R"({"TableName":"souk-dev-orders","AttributeDefinitions":[)"
        R"({"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"},)"
        R"({"AttributeName":"g1pk","AttributeType":"S"},{"AttributeName":"g1sk","AttributeType":"S"},)"
        R"({"AttributeName":"g2pk","AttributeType":"S"},{"AttributeName":"g2sk","AttributeType":"S"}],)"
        R"("KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],)"
        R"("GlobalSecondaryIndexes":[)"
        R"({"IndexName":"index_1","KeySchema":[{"AttributeName":"g1pk","KeyType":"HASH"},)"
        R"({"AttributeName":"g1sk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}},)"
        R"({"IndexName":"index_2","KeySchema":[{"AttributeName":"g2pk","KeyType":"HASH"},)"
        R"({"AttributeName":"g2sk","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}],)"
        R"("BillingMode":"PAY_PER_REQUEST",)"
        R"("StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}})");
    EXPECT_EQ(time_to_live_json("souk-dev-orders"),
              R"({"TableName":"souk-dev-orders",)"
              R"("TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}})");
}

TEST(TableDefinitions, LeaveATableThatIsThereAsItIs) {
    testing_support::ScriptedAwsClient client;
    client.refuse(400, "ResourceInUseException", "Cannot create preexisting table");
    client.answer(R"({"Table":{"TableStatus":"ACTIVE"}})");
    client.answer(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED"}})");
    EXPECT_TRUE(create_table(client, "souk-dev-orders"));
    EXPECT_EQ(client.answers_left(), 0U);
}

TEST(TableDefinitions, MakeOneTableForEachServiceUntilOneFails) {
    testing_support::ScriptedAwsClient client;
    for (const std::string_view table : ledger_tables) {
        client.answer("{}");
        client.answer(R"({"Table":{"TableStatus":"ACTIVE"}})");
        client.answer(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
        client.answer("{}");
        EXPECT_NE(table_definition_json(table).find(table), std::string::npos);
    }
    ASSERT_TRUE(create_tables(client, "souk-dev-"));
    EXPECT_EQ(client.calls().size(), 4 * ledger_tables.size());
    EXPECT_NE(client.calls()[0].body.find("souk-dev-stores"), std::string::npos);
    client.refuse(400, "AccessDeniedException", "not yours");
    const auto refused = create_tables(client, "souk-dev-");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find("not yours"), std::string::npos);
}

}  // namespace

}  // namespace souk::dynamo
