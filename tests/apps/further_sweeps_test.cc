#include "apps/services/further_sweeps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <optional>

#include "adapters/memory/test_environment.h"
#include "domain/notifications/limits.h"

namespace souk::app {
namespace {

using notifications::sweep_batch_max;
using notifications::sweeps_max;

class FurtherSweepsTest : public testing::Test {
protected:
    static constexpr std::chrono::seconds patience{20};

    /// Settles a batch of what is left.
    Result<int> settle() {
        const std::scoped_lock lock(mutex_);
        const int batch = std::min(left_, sweep_batch_max);
        left_ -= batch;
        ++swept_;
        changed_.notify_all();
        return batch;
    }
    template <class Condition>
    bool comes_true(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, condition);
    }

    TestEnvironment world_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int left_ = 0;
    int swept_ = 0;
    std::optional<FurtherSweeps> sweeps_;  // The last: its threads use all of these.
};

// One batch a second was all that they added: a busy store's deliveries piled up behind one sweep.
TEST_F(FurtherSweepsTest, GoOnWhileTheyFindFullBatches) {
    left_ = 10 * sweep_batch_max + 1;
    sweeps_.emplace([this](Instant) { return settle(); }, world_.environment());
    ASSERT_TRUE(sweeps_->begin(world_.clock.now()));
    EXPECT_TRUE(comes_true([this] { return left_ == 0; }));
    sweeps_.reset();
    EXPECT_EQ(swept_, 11) << "the last batch was not full, and nothing came after it";
}

TEST_F(FurtherSweepsTest, EndWithWhoeverHoldsThemThoughThereIsAlwaysMore) {
    sweeps_.emplace(
        [this](Instant) -> Result<int> {
            const std::scoped_lock lock(mutex_);
            ++swept_;
            changed_.notify_all();
            return sweep_batch_max;
        },
        world_.environment());
    ASSERT_TRUE(sweeps_->begin(world_.clock.now()));
    EXPECT_TRUE(comes_true([this] { return swept_ > 3; }));
    sweeps_.reset();
}

TEST_F(FurtherSweepsTest, AreFewerThanTheirLimitWithTheOneThatIsAlwaysThere) {
    bool let_go = false;
    sweeps_.emplace(
        [this, &let_go](Instant) -> Result<int> {
            std::unique_lock lock(mutex_);
            ++swept_;
            changed_.notify_all();
            changed_.wait(lock, [&] { return let_go; });
            return 0;
        },
        world_.environment());
    for (std::size_t i = 0; i < 2 * sweeps_max; ++i) {
        ASSERT_TRUE(sweeps_->begin(world_.clock.now()));
    }
    EXPECT_TRUE(comes_true([this] { return swept_ == static_cast<int>(sweeps_max) - 1; }));
    {
        const std::scoped_lock lock(mutex_);
        let_go = true;
        changed_.notify_all();
    }
    sweeps_.reset();
    EXPECT_EQ(swept_, static_cast<int>(sweeps_max) - 1);
}

TEST_F(FurtherSweepsTest, SayWhatTheyFailedOf) {
    sweeps_.emplace([](Instant) -> Result<int> { return fail(errors::unavailable, "As asked."); },
                    world_.environment());
    ASSERT_TRUE(sweeps_->begin(world_.clock.now()));
    sweeps_.reset();
    const auto lines = world_.telemetry.lines();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].labels.at("detail"), "As asked.");
}

}  // namespace
}  // namespace souk::app
