#include "adapters/ledger_dynamodb/item_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "adapters/ledger_dynamodb/expression.h"
#include "adapters/ledger_dynamodb/key_text.h"
#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::row_at;

Result<Row> there_and_back(const Row& row) {
    const JsonDocument item = TRY(JsonDocument::parse(item_json(row)));
    return decode_item(row.key.table, item.root());
}

std::string bytes_of(const std::vector<std::uint8_t>& numbers) {
    return {numbers.begin(), numbers.end()};
}

RC_GTEST_PROP(KeyText, KeepsTheOrderOfBytes,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
    const std::string first = bytes_of(a);
    const std::string second = bytes_of(b);
    RC_ASSERT((first < second) == (sort_text(first) < sort_text(second)));
    RC_ASSERT(is_utf8(sort_text(first)));
    RC_ASSERT(sort_of_text(sort_text(first)) == first);
    RC_ASSERT(partition_of_text(partition_text(first)) == first);
}

TEST(KeyText, LeavesAsciiLegible) {
    EXPECT_EQ(sort_text("2026-01-01#order_1"), "2026-01-01#order_1");
    EXPECT_EQ(partition_text("store_1#orders"), "store_1#orders");
}

TEST(KeyText, TellsRowsFromTheOutbox) {
    for (const std::string_view partition : {"outbox#", "outbox#00", "outbox#15"}) {
        EXPECT_FALSE(partition_text(partition).starts_with(outbox_prefix));
        EXPECT_EQ(partition_of_text(partition_text(partition)), partition);
    }
    EXPECT_NE(partition_text("outbox#00"), partition_text("\xC4\x80outbox#00"));
}

TEST(KeyText, RefusesTextThatNoKeyBecomes) {
    for (const std::string_view text : {"\xC4\x81", "\xC3", "\xC3x", "\xE2\x82\xAC", "\x80"}) {
        EXPECT_EQ(sort_of_text(text), std::nullopt);
    }
}

TEST(KeyText, SpreadsEventsOverAllShards) {
    std::set<std::string> shards;
    for (int i = 0; i < 500; ++i) {
        shards.insert(outbox_partition_text(cat("evt_", i)));
    }
    EXPECT_EQ(shards.size(), outbox_shards);
    EXPECT_EQ(*shards.begin(), "outbox#00");
    EXPECT_EQ(*shards.rbegin(), "outbox#15");
}

TEST(ItemCodec, KeepsEveryPartOfARow) {
    Row row = row_at("s\xFF", R"({"a":"ü"})");
    row.version = 12;
    row.counters = {{"a", 5}, {"b#.c", -7}};
    row.expires = Instant::from_unix_ms(1'767'225'600'001);
    row.index = {IndexKey{"ip", "is"}, IndexKey{"outbox#01", "js"}};
    const auto kept = there_and_back(row);
    ASSERT_TRUE(kept) << kept.error().detail;
    EXPECT_EQ(kept->key, row.key);
    EXPECT_EQ(kept->version, row.version);
    EXPECT_EQ(kept->body, row.body);
    EXPECT_EQ(kept->counters, row.counters);
    EXPECT_EQ(kept->expires, row.expires);
    EXPECT_EQ(kept->index, row.index);
}

TEST(ItemCodec, KeepsBodiesOfEveryByte) {
    for (const std::string& body : {std::string(), std::string("{\0}", 3), std::string("\xFF\xFE"),
                                    std::string("[1,2]"), std::string("{\"a\":\"\xFF\"}")}) {
        const auto kept = there_and_back(row_at("s", body));
        ASSERT_TRUE(kept);
        EXPECT_EQ(kept->body, body);
    }
    EXPECT_EQ(body_value(R"({"a":1})"), R"({"S":"{\"a\":1}"})");
    EXPECT_EQ(body_value("\xFF"), R"({"B":"/w=="})");
}

TEST(ItemCodec, RoundsTheTimeToLiveUp) {
    EXPECT_EQ(time_to_live_s(Instant::from_unix_ms(5'000)), 5);
    EXPECT_EQ(time_to_live_s(Instant::from_unix_ms(5'001)), 6);
    Row row = row_at("s");
    row.expires = Instant::from_unix_ms(5'001);
    const auto item = JsonDocument::parse(item_json(row));
    EXPECT_EQ(item->root()["exp"]["N"].text_or(), "5001000");
    EXPECT_EQ(item->root()["ttl"]["N"].text_or(), "6");
}

// A day: what a relay lost in a longer outage was committed, and lost for ever.
TEST(ItemCodec, KeepsAnEventForTwoWeeks) {
    const Instant now = Instant::from_unix_ms(1'767'225'600'000);
    const auto item =
        JsonDocument::parse(outbox_item_json(contract::event_of(contract::happened, "evt_1"), now));
    EXPECT_EQ(item->root()["ttl"]["N"].text_or(), cat(1'767'225'600 + 14 * 24 * 3600));
}

TEST(ItemCodec, ExpiresToTheMillisecond) {
    Row row = row_at("s");
    row.expires = Instant::from_unix_ms(5'001);
    const auto item = JsonDocument::parse(item_json(row));
    EXPECT_EQ(state_of(item->root(), Instant::from_unix_ms(5'000)), RowState::live);
    EXPECT_EQ(state_of(item->root(), Instant::from_unix_ms(5'001)), RowState::expired);
    EXPECT_EQ(state_of(JsonView(), Instant::from_unix_ms(0)), RowState::missing);
}

TEST(Expression, NamesEachAttributeOnce) {
    Placeholders placeholders;
    EXPECT_EQ(placeholders.name("a"), "#0");
    EXPECT_EQ(placeholders.name("b"), "#1");
    EXPECT_EQ(placeholders.name("a"), "#0");
    EXPECT_EQ(placeholders.number(5), ":0");
    JsonWriter out;
    out.begin_object();
    placeholders.write(out);
    EXPECT_EQ(out.end_object().take(), R"({"ExpressionAttributeNames":{"#0":"a","#1":"b"},)"
                                       R"("ExpressionAttributeValues":{":0":{"N":"5"}}})");
}

TEST(Expression, HasNoParenthesesThatDynamoDbFindsRedundant) {
    EXPECT_EQ(all_of({"a OR b"}), "a OR b");
    EXPECT_EQ(all_of({"", "a OR b", ""}), "a OR b");
    EXPECT_EQ(all_of({"a OR b", "c"}), "(a OR b) AND c");
    EXPECT_EQ(all_of({}), "");
}

}  // namespace

}  // namespace souk::dynamo
