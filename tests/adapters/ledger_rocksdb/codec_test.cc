#include <gtest/gtest.h>

#include <limits>

#include "adapters/ledger_rocksdb/key_codec.h"
#include "adapters/ledger_rocksdb/row_codec.h"

namespace souk::rocks {
namespace {

using namespace std::string_literals;

TEST(KeyCodec, KeepsTheOrderOfSortsWithinAPartition) {
    const std::vector<std::string> sorts = {"a",  "a\0"s, "a\0b"s, "a\x01",
                                            "ab", "b",    "\xFE",  "\xFF\xFF"};
    for (std::size_t i = 0; i + 1 < sorts.size(); ++i) {
        EXPECT_LT(row_key({"t", "p", sorts[i]}), row_key({"t", "p", sorts[i + 1]}));
        EXPECT_LT(index_key(Area::index_1, {"t", "zz", "z"}, {"p", sorts[i]}),
                  index_key(Area::index_1, {"t", "a", "a"}, {"p", sorts[i + 1]}));
    }
}

TEST(KeyCodec, NeverGivesTwoRowsOneKey) {
    EXPECT_NE(row_key({"t", "ab", "c"}), row_key({"t", "a", "bc"}));
    EXPECT_NE(row_key({"ta", "b", "c"}), row_key({"t", "ab", "c"}));
    EXPECT_NE(index_key(Area::index_1, {"t", "p", "s"}, {"p", "a\0\1"s}),
              index_key(Area::index_1, {"t", "\0\1p"s, "s"}, {"p", "a"}));
}

TEST(KeyCodec, ReadsItsOwnKeysBack) {
    const RowKey key{"table", "part\0ition"s, "so\xFFrt"};
    EXPECT_EQ(parse_row_key(row_key(key)), key);
    const std::string entry = index_key(Area::index_2, key, {"ip", "a\0\1b"s});
    const std::string prefix = partition_prefix(Area::index_2, "table", "ip");
    ASSERT_TRUE(entry.starts_with(prefix));
    EXPECT_EQ(row_key_in("table", std::string_view(entry).substr(prefix.size())), row_key(key));
}

TEST(KeyCodec, RefusesMalformedKeys) {
    EXPECT_FALSE(parse_row_key(""));
    EXPECT_FALSE(parse_row_key("r"));
    EXPECT_FALSE(parse_row_key("r\x05tab"));
    EXPECT_FALSE(parse_row_key("r\x01t\x00\x09short"s));
    EXPECT_FALSE(row_key_in("t", "no terminator"));
    EXPECT_FALSE(row_key_in("t", "s\0\1\0\x09short"s));
}

TEST(KeyCodec, EndsAPrefixBehindAllThatStartWithIt) {
    EXPECT_EQ(after_prefix("ab"), "ac");
    EXPECT_EQ(after_prefix("a\xFF\xFF"), "b");
}

TEST(RowCodec, ReadsItsOwnRowsBack) {
    StoredRow row;
    row.version = 300;
    row.expires = Instant::from_unix_ms(-5);
    row.index = {IndexKey{"p", "s"}, IndexKey{"", ""}};
    row.counters = {{"least", std::numeric_limits<std::int64_t>::min()},
                    {"most", std::numeric_limits<std::int64_t>::max()},
                    {"none", 0}};
    const std::string bytes = encode_head(row) + "the body";
    const auto read = decode_row(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version, row.version);
    EXPECT_EQ(read->expires, row.expires);
    EXPECT_EQ(read->index, row.index);
    EXPECT_EQ(read->counters, row.counters);
    EXPECT_EQ(read->body, "the body");
}

TEST(RowCodec, RefusesEveryRowThatIsCutShortInItsHead) {
    StoredRow row;
    row.version = 300;
    row.expires = Instant::from_unix_ms(1'767'225'600'000);
    row.index = {IndexKey{"partition", "sort"}, std::nullopt};
    row.counters = {{"n", 1000}};
    const std::string head = encode_head(row);
    for (std::size_t size = 0; size < head.size(); ++size) {
        EXPECT_FALSE(decode_row(std::string_view(head).substr(0, size))) << size;
    }
    EXPECT_TRUE(decode_row(head));
}

TEST(RowCodec, RefusesAFormatOfTheFuture) {
    const auto read = decode_row("\x02\0\0"s);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errors::corrupt_row);
}

}  // namespace
}  // namespace souk::rocks
