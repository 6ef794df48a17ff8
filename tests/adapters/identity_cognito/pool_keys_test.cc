#include "adapters/identity_cognito/pool_keys.h"

#include <gtest/gtest.h>

#include "adapters/identity_cognito/fake_pool.h"
#include "adapters/memory/test_environment.h"

namespace souk::contract {

namespace {

class PoolKeysTest : public testing::Test {
protected:
    bool finds(std::string_view id) {
        const auto key = keys_.find(id);
        EXPECT_TRUE(key) << key.error().detail;
        return key && *key != nullptr;
    }
    std::size_t fetches() { return pool_.actions().size(); }

    TestEnvironment environment_;
    FakePool pool_{environment_.clock};
    UserPool user_pool_{pool_,
                        environment_.environment(),
                        {.pool_id = FakePool::pool_id, .client_id = FakePool::client_id}};
    PoolKeys keys_{user_pool_, environment_.environment()};
};

}  // namespace

TEST_F(PoolKeysTest, AreFetchedWhenFirstNeededAndThenKept) {
    EXPECT_EQ(fetches(), 0U);
    EXPECT_TRUE(finds("first"));
    EXPECT_EQ(fetches(), 1U);
    environment_.clock.advance(std::chrono::hours(1000));
    EXPECT_TRUE(finds("first"));
    EXPECT_EQ(fetches(), 0U);
}

TEST_F(PoolKeysTest, AKeyOfAnotherKindIsNone) { EXPECT_FALSE(finds("another")); }

TEST_F(PoolKeysTest, UnknownIdsAreNoCallsUntilAPauseIsOver) {
    EXPECT_TRUE(finds("first"));
    fetches();
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(finds("forged"));
    }
    environment_.clock.advance(key_fetch_pause - std::chrono::milliseconds(1));
    EXPECT_FALSE(finds("forged"));
    EXPECT_EQ(fetches(), 0U);
    environment_.clock.advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(finds("forged"));
    EXPECT_FALSE(finds("forged"));
    EXPECT_EQ(fetches(), 1U);
}

TEST_F(PoolKeysTest, ANewKeyOfThePoolIsFoundAfterThePause) {
    EXPECT_TRUE(finds("first"));
    pool_.set_key_id("second");
    EXPECT_FALSE(finds("second"));
    environment_.clock.advance(key_fetch_pause);
    EXPECT_TRUE(finds("second"));
    EXPECT_FALSE(finds("first"));
}

TEST_F(PoolKeysTest, AFailedFetchIsTriedAgainAfterAShorterPause) {
    pool_.cut(aws::errors::aws_not_sent);
    const auto failed = keys_.find("first");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errors::identity_unavailable);
    pool_.mend();
    EXPECT_FALSE(keys_.find("first"));
    EXPECT_EQ(fetches(), 1U);
    environment_.clock.advance(key_fetch_pause_after_failure);
    EXPECT_TRUE(finds("first"));
}

TEST_F(PoolKeysTest, AFailedFetchLeavesTheKeysThatAreThere) {
    EXPECT_TRUE(finds("first"));
    environment_.clock.advance(key_fetch_pause);
    pool_.cut(aws::errors::aws_no_answer);
    EXPECT_FALSE(keys_.find("second"));
    EXPECT_TRUE(finds("first"));
}

TEST_F(PoolKeysTest, TheDocumentIsThePoolsOwn) {
    EXPECT_NE(keys_.document().find(R"("kid":"first")"), std::string::npos);
}

TEST_F(PoolKeysTest, TheDocumentIsEmptyWhileThereIsNone) {
    pool_.cut(aws::errors::aws_not_sent);
    EXPECT_EQ(keys_.document(), R"({"keys":[]})");
}

}  // namespace souk::contract
