#include "adapters/accounts/code_rows.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"

namespace souk {

namespace {

class CodeRowsTest : public testing::Test {
protected:
    /// Asks for one more code. Returns whether it was allowed.
    bool asked() {
        const auto allowance = rows_.allowance(store_, "ann@example.com", purpose);
        if (!allowance) {
            EXPECT_EQ(allowance.error().code, errors::rate_limited);
            return false;
        }
        Changes changes;
        rows_.charge(changes, store_, "ann@example.com", purpose, *allowance);
        EXPECT_TRUE(ledger_.commit(changes));
        return true;
    }

    static constexpr CodePurpose purpose = CodePurpose::reset_password;
    const Realm store_{StoreId::trusted("store_01J0000000000000000000000A")};
    TestEnvironment environment_;
    MemoryLedger memory_{environment_.clock};
    ServiceLedger ledger_{memory_, "identity", environment_.environment()};
    AccountRows accounts_{ledger_, AllStores::granted_by_composition_root()};
    CodeRows rows_{accounts_, environment_.environment()};
};

}  // namespace

TEST_F(CodeRowsTest, AreAskedForSoOftenAnHour) {
    for (std::size_t i = 0; i < codes_per_hour_max; ++i) {
        EXPECT_TRUE(asked());
    }
    EXPECT_FALSE(asked());
    environment_.clock.advance(std::chrono::hours(1));
    EXPECT_TRUE(asked());
}

TEST_F(CodeRowsTest, AskedForAtOnceAreBothCounted) {
    const auto allowance = rows_.allowance(store_, "ann@example.com", purpose);
    ASSERT_TRUE(allowance);
    Changes first, second;
    rows_.charge(first, store_, "ann@example.com", purpose, *allowance);
    rows_.charge(second, store_, "ann@example.com", purpose, *allowance);
    ASSERT_TRUE(ledger_.commit(first));
    EXPECT_EQ(ledger_.commit(second).error().code, errors::ledger_conflict);
}

TEST_F(CodeRowsTest, GuessedAtOnceCostATryEach) {
    const auto user = environment_.environment().fresh<UserId>();
    Changes issued;
    const std::string code = rows_.issue(issued, store_, user, purpose);
    ASSERT_TRUE(ledger_.commit(issued));
    const std::string wrong = code == "000000" ? "000001" : "000000";
    Changes first, second;
    EXPECT_FALSE(*rows_.redeem(first, store_, user, purpose, wrong));
    EXPECT_FALSE(*rows_.redeem(second, store_, user, purpose, wrong));
    ASSERT_TRUE(ledger_.commit(first));
    EXPECT_EQ(ledger_.commit(second).error().code, errors::ledger_conflict);
}

// The bug: codes of a time that is yet to come counted until the clock got there.
TEST_F(CodeRowsTest, AreNotRefusedForLongWhenTheClockIsSetBack) {
    for (std::size_t i = 0; i < codes_per_hour_max; ++i) {
        EXPECT_TRUE(asked());
    }
    environment_.clock.advance(-std::chrono::hours(24));
    for (std::size_t i = 0; i < codes_per_hour_max; ++i) {
        EXPECT_TRUE(asked());
    }
    EXPECT_FALSE(asked());
}

}  // namespace souk
