#include "adapters/accounts/attempt_rows.h"

#include <gtest/gtest.h>

#include "adapters/accounts/too_many.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"

namespace souk {

namespace {

class AttemptRowsTest : public testing::Test {
protected:
    Attempt admitted(std::string_view subject = "ann") {
        const auto attempt = rows_.admit(store_, subject);
        EXPECT_TRUE(attempt);
        return *attempt;
    }
    std::string outcome(std::string_view subject = "ann") {
        const auto attempt = rows_.admit(store_, subject);
        return attempt ? "admitted" : std::string(attempt.error().code.name);
    }

    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
    TestEnvironment environment_;
    MemoryLedger memory_{environment_.clock};
    ServiceLedger ledger_{memory_, "identity", environment_.environment()};
    AccountRows accounts_{ledger_, AllStores::granted_by_composition_root()};
    AttemptRows rows_{ledger_, accounts_, 3};
};

}  // namespace

TEST_F(AttemptRowsTest, AreAdmittedUpToTheLimit) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome(), "admitted");
    }
    EXPECT_EQ(outcome(), "rate_limited");
    EXPECT_EQ(outcome("bob"), "admitted");
}

TEST_F(AttemptRowsTest, SlideOutOfTheMinuteOneByOne) {
    admitted();
    environment_.clock.advance(std::chrono::seconds(20));
    admitted();
    admitted();
    const auto refused = rows_.admit(store_, "ann");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().members.at(0),
              std::pair(std::string("retry_after"), std::string("40")));
    environment_.clock.advance(std::chrono::seconds(40));
    EXPECT_EQ(outcome(), "admitted");
    EXPECT_EQ(outcome(), "rate_limited");
}

// The bug: tries of a time that is yet to come counted until the clock got there.
TEST_F(AttemptRowsTest, LockNobodyOutWhenTheClockIsSetBack) {
    for (int i = 0; i < 3; ++i) {
        admitted();
    }
    environment_.clock.advance(-std::chrono::hours(24));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome(), "admitted");
    }
    EXPECT_EQ(outcome(), "rate_limited");
    environment_.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(outcome(), "admitted");
}

TEST_F(AttemptRowsTest, OfAProcessWhoseClockIsAheadAllCount) {
    for (int i = 0; i < 3; ++i) {
        admitted();
    }
    environment_.clock.advance(-clock_skew_max);
    EXPECT_EQ(outcome(), "rate_limited");
}

TEST_F(AttemptRowsTest, ForgivenOnesDoNotCount) {
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(rows_.forgive(admitted()));
    }
    EXPECT_TRUE(memory_.rows().empty());
}

TEST_F(AttemptRowsTest, ForgivenTwiceCountOnce) {
    const Attempt first = admitted();
    environment_.clock.advance(std::chrono::seconds(1));
    admitted();
    EXPECT_TRUE(rows_.forgive(first));
    EXPECT_TRUE(rows_.forgive(first));
    admitted();
    admitted();
    EXPECT_EQ(outcome(), "rate_limited");
}

TEST_F(AttemptRowsTest, LeaveNothingAfterAMinute) {
    admitted();
    environment_.clock.advance(std::chrono::minutes(1));
    EXPECT_TRUE(memory_.rows().empty());
}

TEST_F(AttemptRowsTest, KeepNoLongNames) {
    EXPECT_EQ(outcome(std::string(100'000, 'x')), "admitted");
    EXPECT_LT(memory_.rows().at(0).key.partition.size(), 200U);
}

TEST_F(AttemptRowsTest, ThatLostARaceAreCountedAgain) {
    memory_.refuse(1, errors::ledger_conflict);
    EXPECT_EQ(outcome(), "admitted");
    memory_.lose_answers(1);
    EXPECT_EQ(outcome(), "admitted");
    EXPECT_EQ(outcome(), "admitted");
    EXPECT_EQ(outcome(), "rate_limited");
}

}  // namespace souk
