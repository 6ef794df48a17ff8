#include "apps/aws/chores.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "adapters/memory/settable_clock.h"

namespace souk::app {
namespace {

using std::chrono::milliseconds;

class ChoresTest : public testing::Test {
protected:
    /// Has `left` to settle, one a sweep, each of which takes so long.
    Services::Chore chore(int& left, milliseconds takes, milliseconds longest = {}) {
        return {"orders.some", milliseconds(0),
                [this, &left, takes](Instant) -> Result<int> {
                    clock_.advance(takes);
                    return left > 0 ? (--left, 1) : 0;
                },
                longest};
    }
    Result<int> sweep_for(milliseconds time, const std::vector<Services::Chore>& chores) {
        return sweep_until(chores, clock_.now() + time, clock_);
    }

    SettableClock clock_;
};

TEST_F(ChoresTest, AreDoneUntilNothingIsLeft) {
    int first = 3;
    int second = 2;
    EXPECT_EQ(sweep_for(milliseconds(1'000),
                        {chore(first, milliseconds(1)), chore(second, milliseconds(1))})
                  .value_or(-1),
              5);
}

TEST_F(ChoresTest, EndWhenTheTimeIsUp) {
    int left = 100;
    EXPECT_EQ(sweep_for(milliseconds(45), {chore(left, milliseconds(10))}).value_or(-1), 5);
}

TEST_F(ChoresTest, AreNotBegunWithoutTimeForTheLongestWait) {
    int slow = 100;
    int quick = 1;
    const auto swept = sweep_for(
        milliseconds(50'000),
        {chore(slow, milliseconds(10'000), milliseconds(35'000)), chore(quick, milliseconds(1))});
    EXPECT_EQ(swept.value_or(-1), 3);
    EXPECT_EQ(slow, 98) << "Begun at 0 s and 10 s; at 20 s it might have waited until 55 s.";
    EXPECT_EQ(quick, 0) << "What does not wait is done all the same.";
}

// Two endpoints that hang held up all stores' retries: a function swept one after the other.
TEST_F(ChoresTest, ThatWaitForOthersAreDoneAtOnce) {
    std::mutex mutex;
    std::condition_variable all_here;
    int here = 0;
    int left = 4;
    const Services::Chore waiting{"orders.some", milliseconds(0),
                                  [&](Instant) -> Result<int> {
                                      std::unique_lock lock(mutex);
                                      if (left == 0) {
                                          return 0;
                                      }
                                      --left;
                                      ++here;
                                      all_here.notify_all();
                                      const bool met =
                                          all_here.wait_for(lock, std::chrono::seconds(20),
                                                            [&] { return here == 4; });
                                      return met ? 1 : 0;
                                  },
                                  milliseconds(0), 4};
    EXPECT_EQ(sweep_for(milliseconds(1'000), {waiting}).value_or(-1), 4);
}

// Each of six looked at an empty index in every idle minute, on somebody's bill.
TEST_F(ChoresTest, ThatFindNothingLookOnce) {
    std::atomic<int> looks = 0;
    const Services::Chore idle{"orders.some", std::chrono::seconds(20),
                               [&](Instant) -> Result<int> {
                                   ++looks;
                                   return 0;
                               },
                               milliseconds(0), 6};
    EXPECT_EQ(sweep_for(milliseconds(1'000), {idle}).value_or(-1), 0);
    EXPECT_EQ(looks, 1);
}

TEST_F(ChoresTest, EndWithAFailure) {
    const Services::Chore failing{"orders.some", milliseconds(0), [](Instant) -> Result<int> {
                                      return fail(errors::unavailable, "As asked.");
                                  }};
    EXPECT_FALSE(sweep_for(milliseconds(1), {failing}));
}

}  // namespace
}  // namespace souk::app
