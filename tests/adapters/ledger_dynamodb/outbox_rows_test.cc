#include "adapters/ledger_dynamodb/outbox_rows.h"

#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/item_codec.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "contracts/ledger_fixture.h"
#include "support/scripted_aws_client.h"

namespace souk::dynamo {

namespace {

using contract::event_of;
using contract::happened;
using Ids = std::vector<std::string>;

class OutboxRowsTest : public testing::Test {
protected:
    void given_page(std::string_view id, std::string_view last = {}) {
        client_.answer(cat(R"({"Items":[)", outbox_item_json(event_of(happened, id), {}), "]",
                           last.empty() ? ""
                                        : cat(R"(,"LastEvaluatedKey":{"pk":{"S":"outbox#00"},)",
                                              R"("sk":{"S":")", last, R"("}})"),
                           "}"));
    }
    void given_empty_pages(unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            client_.answer(R"({"Items":[]})");
        }
    }
    Result<void> read() {
        return read_outbox(client_, "souk-t-", "orders", "evt_1",
                           [this](const std::vector<OutboxRecord>& records) -> Result<void> {
                               for (const auto& record : records) {
                                   if (record.event_id == refused_) {
                                       return fail(errors::unavailable, "As asked.");
                                   }
                                   ids_.push_back(cat(record.table, '/', record.event_id));
                               }
                               return {};
                           });
    }

    testing_support::ScriptedAwsClient client_;
    Ids ids_;
    std::string refused_;
};

TEST_F(OutboxRowsTest, ReadsEveryPageOfEveryPartition) {
    given_page("evt_1", "evt_1");
    given_page("evt_2");
    given_empty_pages(outbox_shards - 2);
    given_page("evt_3");
    ASSERT_TRUE(read());
    EXPECT_EQ(ids_, (Ids{"orders/evt_1", "orders/evt_2", "orders/evt_3"}));
    const auto calls = client_.calls();
    ASSERT_EQ(calls.size(), outbox_shards + 1);
    EXPECT_NE(calls[0].body.find(R"("TableName":"souk-t-orders")"), std::string::npos);
    EXPECT_NE(calls[0].body.find(R"({"S":"outbox#00"})"), std::string::npos);
    EXPECT_EQ(calls[0].body.find("ExclusiveStartKey"), std::string::npos);
    EXPECT_NE(
        calls[1].body.find(R"("ExclusiveStartKey":{"pk":{"S":"outbox#00"},"sk":{"S":"evt_1"}})"),
        std::string::npos);
    EXPECT_NE(calls.back().body.find(R"({"S":"outbox#15"})"), std::string::npos);
}

TEST_F(OutboxRowsTest, EndsWithWhatIsNotTaken) {
    given_page("evt_1");
    refused_ = "evt_1";
    const auto read_all = read();
    ASSERT_FALSE(read_all);
    EXPECT_EQ(read_all.error().code, errors::unavailable);
    EXPECT_EQ(client_.calls().size(), 1U);
}

TEST_F(OutboxRowsTest, TellsOfATableThatCannotBeRead) {
    client_.refuse(400, "ResourceNotFoundException");
    const auto read_all = read();
    ASSERT_FALSE(read_all);
    EXPECT_EQ(read_all.error().code.name, "ledger_unavailable");
}

}  // namespace

}  // namespace souk::dynamo
