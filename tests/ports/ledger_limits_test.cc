#include <gtest/gtest.h>

#include "domain/ports/ledger.h"

namespace souk {
namespace {

RowKey key(int number) { return {"orders", "store_1#order", std::to_string(number)}; }

Put put(int number, std::size_t body_bytes = 2) {
    Row row;
    row.key = key(number);
    row.body = std::string(body_bytes, 'x');
    return {row, Expect::any()};
}

Transaction puts(std::size_t count, std::size_t body_bytes = 2) {
    Transaction transaction;
    for (std::size_t i = 0; i < count; ++i) {
        transaction.writes.emplace_back(put(static_cast<int>(i), body_bytes));
    }
    return transaction;
}

void expect_refused(const Transaction& transaction) {
    const auto result = check_limits(transaction);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, errors::ledger_too_large);
}

TEST(Limits, AcceptAHundredWritesAndEventsTogether) {
    Transaction transaction = puts(transaction_writes_max - 1);
    transaction.events.emplace_back();
    EXPECT_TRUE(check_limits(transaction));
    transaction.events.emplace_back();
    expect_refused(transaction);
}

TEST(Limits, RefuseARowWrittenTwiceWhateverTheWrites) {
    const std::vector<Write> second{put(1), Erase{key(1), Expect::any()},
                                    Check{key(1), Expect::any()}, Add{key(1), {}, Expect::any()}};
    for (const auto& write : second) {
        Transaction transaction = puts(2);
        transaction.writes.push_back(write);
        expect_refused(transaction);
    }
}

TEST(Limits, RefuseABodyOverItsSize) {
    EXPECT_TRUE(check_limits(puts(1, row_body_max)));
    expect_refused(puts(1, row_body_max + 1));
    Transaction announces;
    announces.events.emplace_back().body = std::string(event_body_max + 1, 'x');
    expect_refused(announces);
}

TEST(Limits, RefuseATransactionOverItsSize) {
    EXPECT_TRUE(check_limits(puts(11, row_body_max)));
    expect_refused(puts(12, row_body_max));
}

TEST(Limits, RefuseKeysThatAreEmptyOrTooLong) {
    const std::vector<RowKey> bad{{"", "p", "s"},
                                  {"t", "", "s"},
                                  {"t", "p", ""},
                                  {"t", std::string(row_key_part_max + 1, 'p'), "s"},
                                  {"t", "p", std::string(row_key_part_max + 1, 's')}};
    for (const auto& wrong : bad) {
        Transaction transaction;
        transaction.writes.emplace_back(Check{wrong, Expect::any()});
        expect_refused(transaction);
    }
}

TEST(KeyOf, IsTheRowOfEveryKindOfWrite) {
    EXPECT_EQ(key_of(put(1)), key(1));
    EXPECT_EQ(key_of(Erase{key(2), Expect::any()}), key(2));
    EXPECT_EQ(key_of(Check{key(3), Expect::any()}), key(3));
    EXPECT_EQ(key_of(Add{key(4), {}, Expect::any()}), key(4));
}

}  // namespace
}  // namespace souk
