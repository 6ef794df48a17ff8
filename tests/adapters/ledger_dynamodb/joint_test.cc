#include "adapters/ledger_dynamodb/joint.h"

#include <gtest/gtest.h>

#include "contracts/ledger_fixture.h"

namespace souk::dynamo {

namespace {

using contract::event_of;
using contract::happened;
using contract::key_at;
using contract::one;
using contract::row_at;

Transaction sale(std::string_view order, Expect expect = Expect::present()) {
    Transaction made;
    made.token = order;
    made.writes = {Put{row_at(order), Expect::absent()},
                   Add{key_at("stock"), {{"hand", -1, 0}}, expect}};
    made.events = {event_of(happened, cat("evt_", order))};
    return made;
}

TEST(Joint, AddsUpWhatBothCountOnOneRow) {
    Joint joint(sale("a"));
    ASSERT_TRUE(joint.take(sale("b")));
    const Transaction all = joint.release();
    ASSERT_EQ(all.writes.size(), 3U);
    EXPECT_EQ(key_of(all.writes[0]).sort, "a");
    EXPECT_EQ(std::get<Add>(all.writes[1]).changes.size(), 2U);
    EXPECT_EQ(key_of(all.writes[2]).sort, "b");
    EXPECT_EQ(all.events.size(), 2U);
}

TEST(Joint, TakesNoneThatWritesARowOfTheOthersInAnotherWay) {
    EXPECT_FALSE(Joint(sale("a")).take(one(Put{row_at("stock"), Expect::any()})));
    EXPECT_FALSE(Joint(sale("a")).take(one(Check{key_at("stock"), Expect::present()})));
    EXPECT_FALSE(Joint(sale("a")).take(sale("a")));
    EXPECT_FALSE(Joint(sale("a")).take(sale("b", Expect::any())));
    EXPECT_FALSE(Joint(sale("a", Expect::at(1))).take(sale("b", Expect::at(1))));
    EXPECT_FALSE(Joint(sale("a", Expect::absent())).take(sale("b", Expect::absent())));
}

TEST(Joint, TakesNoneOfAnotherTable) {
    Transaction elsewhere = sale("b");
    std::get<Put>(elsewhere.writes.front()).row.key.table = "other";
    EXPECT_FALSE(Joint(sale("a")).take(elsewhere));
    EXPECT_FALSE(Joint(sale("a")).take(Transaction{}));
}

/// A sale has two writes and an event, of which the write to the stock is shared.
TEST(Joint, IsAsLargeAsOneCommitMayBe) {
    Joint joint(sale("first"));
    std::size_t count = 1;
    while (joint.take(sale(cat("order ", count)))) {
        ++count;
    }
    EXPECT_EQ(count, (transaction_writes_max - 1) / 2);
    EXPECT_TRUE(check_limits(joint.release()));
}

TEST(Joint, IsWhatItWasWhenItTakesNoMore) {
    Joint joint(sale("a"));
    ASSERT_FALSE(joint.take(sale("a")));
    const Transaction all = joint.release();
    EXPECT_EQ(all.writes.size(), 2U);
    EXPECT_EQ(std::get<Add>(all.writes[1]).changes.size(), 1U);
    EXPECT_EQ(all.events.size(), 1U);
}

}  // namespace

}  // namespace souk::dynamo
